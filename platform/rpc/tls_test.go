package rpc_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/rpc"
	"github.com/pangaea-shop/pangaea/platform/tlstest"
)

// settings are those of a process that hosts a module.
func settings(t *testing.T, authority *tlstest.Authority, module string) rpc.Settings {
	t.Helper()
	cert, key := authority.Issues(module, module, time.Now().Add(time.Hour))
	return rpc.Settings{Cert: cert, Key: key, CA: authority.File, Timeout: 10 * time.Second}
}

func TestOverTLSBothEndsShowWhoTheyAre(t *testing.T) {
	t.Parallel()
	ours, others := tlstest.NewAuthority(t, "ours"), tlstest.NewAuthority(t, "others")
	sample, ordering := settings(t, ours, "sample"), settings(t, ours, "ordering")

	answer, err := dial(t, ordering, at(serve(t, sample, nil, named("sample")))).say(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, "sample", answer)

	short := func(s rpc.Settings) rpc.Settings { s.Timeout = 200 * time.Millisecond; return s }
	for name, ends := range map[string]struct{ asking, answering rpc.Settings }{
		"another module answers":       {ordering, ordering},
		"a stranger answers":           {ordering, settings(t, others, "sample")},
		"a stranger asks":              {settings(t, others, "ordering"), sample},
		"somebody asks without TLS":    {rpc.Settings{}, sample},
		"somebody answers without TLS": {ordering, rpc.Settings{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dial(t, short(ends.asking), at(serve(t, ends.answering, nil, named("sample")))).say(t.Context(), "")
			require.True(t, fault.Is(err, fault.Unavailable), err)
		})
	}
}

func TestANewCertificateCountsWithoutARestart(t *testing.T) {
	t.Parallel()
	ours := tlstest.NewAuthority(t, "ours")
	sample, ordering := settings(t, ours, "sample"), settings(t, ours, "ordering")
	answering := serve(t, sample, nil, named("sample"))
	ours.Issues("sample", "other", time.Now().Add(time.Hour))
	ordering.Timeout = 2 * time.Second // it is asked until then, and said why in vain

	_, err := dial(t, ordering, at(answering)).say(t.Context(), "")

	require.ErrorContains(t, err, "certificate is valid for other, not sample")
}

func TestCertificatesThatCannotBeUsedAreNamed(t *testing.T) {
	ours := tlstest.NewAuthority(t, "ours")
	good := settings(t, ours, "sample")
	keys, _ := authtest.New(t)
	for line, change := range map[string]func(*rpc.Settings){
		"PANGAEA_GRPC_CERT, PANGAEA_GRPC_KEY and PANGAEA_GRPC_CA are set together or not at all":  func(s *rpc.Settings) { s.CA = "" },
		"certificate for gRPC (PANGAEA_GRPC_CERT, PANGAEA_GRPC_KEY): open /nowhere: no such file": func(s *rpc.Settings) { s.Cert = "/nowhere" },
		"authorities for gRPC (PANGAEA_GRPC_CA): open /nowhere: no such file":                     func(s *rpc.Settings) { s.CA = "/nowhere" },
		"authorities for gRPC (PANGAEA_GRPC_CA): no certificate in " + good.Key:                   func(s *rpc.Settings) { s.CA = s.Key },
	} {
		bad := good
		change(&bad)
		_, err := rpc.NewServer(bad, auth.NewVerifier(keys), prometheus.NewRegistry())
		require.ErrorContains(t, err, line)
		_, err = rpc.NewPeers(bad, at(), prometheus.NewRegistry())
		require.ErrorContains(t, err, line)
	}
	_, err := rpc.NewPeers(rpc.Settings{}, at(), prometheus.NewRegistry())
	require.ErrorContains(t, err, "PANGAEA_GRPC_TIMEOUT is 0s: it must be above zero")
}
