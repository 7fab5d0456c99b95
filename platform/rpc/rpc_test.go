package rpc_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An echo answers what it is asked with what it likes.
type echo func(ctx context.Context, said string) (string, error)

const say = "/sample.Echo/Say"

// service is what is generated for the rest of us.
var service = grpc.ServiceDesc{
	ServiceName: "sample.Echo",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Say", Handler: func(answers any, ctx context.Context, read func(any) error, around grpc.UnaryServerInterceptor) (any, error) {
		question := new(wrapperspb.BytesValue)
		if err := read(question); err != nil {
			return nil, err
		}
		return around(ctx, question, &grpc.UnaryServerInfo{FullMethod: say}, func(ctx context.Context, question any) (any, error) {
			answer, err := answers.(echo)(ctx, string(question.(*wrapperspb.BytesValue).GetValue()))
			return wrapperspb.Bytes([]byte(answer)), err
		})
	}}},
}

// An instance is a process that answers.
type instance struct {
	*rpc.Server
	registry *prometheus.Registry
	stop     func()
}

// serve starts an instance, at any address unless the settings have one. keys may be nil.
func serve(t testing.TB, settings rpc.Settings, keys auth.KeySource, answers echo) *instance {
	t.Helper()
	if settings.Address == "" {
		settings.Address = "127.0.0.1:0"
	}
	if keys == nil {
		keys, _ = authtest.New(t)
	}
	i := &instance{registry: prometheus.NewRegistry()}
	server, err := rpc.NewServer(settings, auth.NewVerifier(keys), i.registry)
	require.NoError(t, err)
	i.Server = server
	server.RegisterService(&service, answers)
	require.NoError(t, server.Start(t.Context()))
	i.stop = sync.OnceFunc(func() {
		require.NoError(t, server.Stop(context.Background()))
		for err := range server.Ended() {
			require.NoError(t, err)
		}
	})
	t.Cleanup(i.stop)
	return i
}

// kill ends the instance at once: as its end by a signal, whoever waits for an answer loses the connection.
func (i *instance) kill() {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_ = i.Stop(gone)
}

// A caller asks instances.
type caller struct {
	conn     grpc.ClientConnInterface
	registry *prometheus.Registry
}

func dial(t testing.TB, settings rpc.Settings, directory discovery.Directory) caller {
	t.Helper()
	if settings.Timeout == 0 {
		settings.Timeout = 5 * time.Second
	}
	c := caller{registry: prometheus.NewRegistry()}
	peers, err := rpc.NewPeers(settings, directory, c.registry)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, peers.Close()) })
	c.conn, err = peers.Dial("sample")
	require.NoError(t, err)
	return c
}

func (c caller) say(ctx context.Context, said string) (string, error) {
	var answer wrapperspb.BytesValue
	err := c.conn.Invoke(ctx, say, wrapperspb.Bytes([]byte(said)), &answer)
	return string(answer.GetValue()), err
}

// at is a directory that knows where instances are.
func at(instances ...*instance) discovery.Static {
	var addresses []string
	for _, i := range instances {
		addresses = append(addresses, i.Address())
	}
	return discovery.Static{"sample": {discovery.GRPC: addresses}}
}

// repeat answers with what was said.
func repeat(_ context.Context, said string) (string, error) { return said, nil }

// pair is one that answers, and one that asks it.
func pair(t testing.TB, answers echo) (caller, *instance) {
	t.Helper()
	i := serve(t, rpc.Settings{}, nil, answers)
	return dial(t, rpc.Settings{}, at(i)), i
}

// counted are the questions by method and code.
func counted(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	counts := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if m.GetCounter() != nil {
				counts[m.GetLabel()[1].GetValue()+" "+m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	return counts
}
