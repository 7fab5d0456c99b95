package rabbitmq_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// An authority signs certificates.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	a.cert, a.key = template, nil
	a.file, _ = a.signs(name, template)
	return a
}

// issues signs a certificate of a name, good until then, and returns its file and that of its key.
func (a *authority) issues(file, name string, until time.Time) (cert, key string) {
	return a.signs(file, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

func (a *authority) signs(file string, template *x509.Certificate) (certFile, keyFile string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	if a.key == nil {
		a.key = key
	}
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(a.t, err)
	cert, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	require.NoError(a.t, err)
	if a.cert == template {
		a.cert, err = x509.ParseCertificate(cert)
		require.NoError(a.t, err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	require.NoError(a.t, err)
	certFile, keyFile = filepath.Join(a.dir, file+".pem"), filepath.Join(a.dir, file+".key")
	require.NoError(a.t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	require.NoError(a.t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600))
	return certFile, keyFile
}

// Over TLS both ends know whom they talk to, or do not talk; and a broker's certificate is renewed without a word.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	if !rabbitmqtest.Installed(t) {
		return
	}
	soon := time.Now().Add(time.Hour)
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	cert, key := ours.issues("broker", "broker.example", soon)
	port := rabbitmqtest.FreePort(t)
	broker := rabbitmqtest.Own(t, rabbitmqtest.Setup{Config: fmt.Sprintf("listeners.ssl.own = 127.0.0.1:%s\nssl_options.cacertfile = %s\n"+
		"ssl_options.certfile = %s\nssl_options.keyfile = %s\nssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true", port, ours.file, cert, key)})
	client, clientKey := ours.issues("shop", "shop", soon)
	stranger, strangerKey := theirs.issues("stranger", "shop", soon)
	address := func(changes map[string]string) string {
		parameters := url.Values{"cacertfile": {ours.file}, "certfile": {client}, "keyfile": {clientKey}, "server_name_indication": {"broker.example"}}
		for name, value := range changes {
			if parameters.Set(name, value); value == "" {
				parameters.Del(name)
			}
		}
		return "amqps://guest:guest@" + net.JoinHostPort("127.0.0.1", port) + "/?" + parameters.Encode()
	}

	w := onItsOwn(t, broker, address(nil), rabbitmq.Options{})
	w.Listens(bustest.Acknowledge)
	require.NoError(t, w.Says("over TLS"))
	w.Hears("over TLS")

	refused := func(says string, changes map[string]string) {
		t.Helper()
		c, err := rabbitmq.New(address(changes), w.options)
		if err == nil {
			m := message.NewMessage(says, nil)
			m.Metadata[envelope.Source] = "tower"
			err = c.Publish("town", m)
			require.NoError(t, c.Close())
		}
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "guest")
	}
	refused("certificate signed by unknown authority", map[string]string{"cacertfile": theirs.file})
	refused("not elsewhere.example", map[string]string{"server_name_indication": "elsewhere.example"})
	refused("cacertfile: open /nowhere", map[string]string{"cacertfile": "/nowhere"})
	refused("there is no certificate in", map[string]string{"cacertfile": clientKey})
	refused("certfile and keyfile go together", map[string]string{"keyfile": ""})
	refused("open /nowhere", map[string]string{"keyfile": "/nowhere"})
	refused("private key does not match public key", map[string]string{"keyfile": strangerKey})
	refused(" certificate", map[string]string{"certfile": "", "keyfile": ""}) // that it is told so, or was hung up on
	refused(" certificate", map[string]string{"certfile": stranger, "keyfile": strangerKey})

	c, err := rabbitmq.New(address(map[string]string{"cacertfile": theirs.file}), rabbitmq.Options{})
	require.NoError(t, err)
	_, err = c.Subscribe(t.Context(), "town")
	require.ErrorContains(t, err, "certificate signed by unknown authority", "a broker that is another does not stop the start")
	require.NoError(t, c.Close())

	ours.issues("broker", "broker.example", time.Now().Add(-time.Minute))
	broker.Control("eval", "ssl:clear_pem_cache().")
	refused("certificate has expired", nil)
	ours.issues("broker", "broker.example", soon)
	broker.Control("eval", "ssl:clear_pem_cache().")
	c, err = rabbitmq.New(address(nil), rabbitmq.Options{})
	require.NoError(t, err)
	require.ErrorContains(t, c.Publish("nobody", message.NewMessage("1", nil)), "it reached no queue")
	require.NoError(t, c.Close())

	require.NoError(t, w.Says("still"))
	w.Hears("still")
	w.HeardOnly("over TLS", "still") // and nobody who was refused
}
