package rpc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/rpc"
)

// An authority signs certificates.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, NotAfter: time.Now().Add(time.Hour)}
	a.key = a.write(t, "ca", a.cert)
	return a
}

// write signs and writes a certificate, and the key that it is for.
func (a *authority) write(t *testing.T, name string, cert *x509.Certificate) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	signer := a.key
	if signer == nil {
		signer = key
	}
	signed, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key.Public(), signer)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for suffix, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: signed}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		require.NoError(t, os.WriteFile(filepath.Join(a.dir, name+suffix), pem.EncodeToMemory(block), 0o600))
	}
	return key
}

// settings are those of a process that hosts a module.
func (a *authority) settings(t *testing.T, module string) rpc.Settings {
	t.Helper()
	a.write(t, module, &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{module}, NotAfter: time.Now().Add(time.Hour)})
	file := func(name string) string { return filepath.Join(a.dir, name) }
	return rpc.Settings{Cert: file(module + ".pem"), Key: file(module + ".key"), CA: file("ca.pem"), Timeout: time.Second}
}

func TestOverTLSBothEndsShowWhoTheyAre(t *testing.T) {
	t.Parallel()
	ours, others := newAuthority(t), newAuthority(t)
	sample, ordering := ours.settings(t, "sample"), ours.settings(t, "ordering")

	answer, err := dial(t, ordering, at(serve(t, sample, nil, named("sample")))).say(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, "sample", answer)

	short := func(s rpc.Settings) rpc.Settings { s.Timeout = 200 * time.Millisecond; return s }
	for name, ends := range map[string]struct{ asking, answering rpc.Settings }{
		"another module answers":       {ordering, ordering},
		"a stranger answers":           {ordering, others.settings(t, "sample")},
		"a stranger asks":              {others.settings(t, "ordering"), sample},
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
	ours := newAuthority(t)
	sample, ordering := ours.settings(t, "sample"), ours.settings(t, "ordering")
	answering := serve(t, sample, nil, named("sample"))
	ours.write(t, "sample", &x509.Certificate{SerialNumber: big.NewInt(3), DNSNames: []string{"other"}, NotAfter: time.Now().Add(time.Hour)})
	ordering.Timeout = 200 * time.Millisecond

	_, err := dial(t, ordering, at(answering)).say(t.Context(), "")

	require.ErrorContains(t, err, "certificate is valid for other, not sample")
}

func TestCertificatesThatCannotBeUsedAreNamed(t *testing.T) {
	ours := newAuthority(t)
	good := ours.settings(t, "sample")
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
