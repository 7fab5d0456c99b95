// Package rpctest lets tests ask over a real gRPC connection what they ask in the same process.
package rpctest

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/rpc"
)

// Serve starts a process that answers as the options say, such as catalogrpc.Server, and returns where. It trusts
// no access token.
func Serve(t testing.TB, options ...fx.Option) (address string) {
	t.Helper()
	var server *rpc.Server
	process(t, map[string]string{"PANGAEA_GRPC_ADDR": "127.0.0.1:0"},
		fx.Provide(nobody, auth.NewVerifier, rpc.NewServer),
		fx.Options(options...),
		fx.Invoke(func(life fx.Lifecycle, s *rpc.Server) { life.Append(fx.StartStopHook(s.Start, s.Stop)) }),
		fx.Populate(&server),
	)
	return server.Address()
}

// Ask makes a process of which the options are a part, such as catalogrpc.Client, and that finds the module at the
// address.
func Ask(t testing.TB, module, address string, options ...fx.Option) {
	t.Helper()
	process(t, nil,
		fx.Provide(rpc.NewPeers, func() discovery.Directory {
			return discovery.Static{module: {discovery.GRPC: {address}}}
		}),
		fx.Invoke(func(life fx.Lifecycle, peers *rpc.Peers) { life.Append(fx.StopHook(peers.Close)) }),
		fx.Options(options...),
	)
}

// process starts one and stops it with the test.
func process(t testing.TB, settings map[string]string, options ...fx.Option) {
	t.Helper()
	running := fx.New(fx.NopLogger, fx.Supply(config.Of(settings)),
		fx.Provide(config.Section[rpc.Settings], prometheus.NewRegistry), fx.Options(options...))
	require.NoError(t, running.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, running.Stop(context.Background())) })
}

type noKeys struct{}

// JWKS returns no key.
func (noKeys) JWKS(context.Context) ([]byte, error) { return []byte(`{"keys":[]}`), nil }

func nobody() auth.KeySource { return noKeys{} }
