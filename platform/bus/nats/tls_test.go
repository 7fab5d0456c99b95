package nats_test

import (
	"crypto/tls"
	"net/url"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	client "github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/nats"
	"github.com/pangaea-shop/pangaea/platform/bus/nats/natstest"
	"github.com/pangaea-shop/pangaea/platform/tlstest"
)

// Over TLS both ends know whom they talk to, or do not talk.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	if !natstest.Installed(t) {
		return
	}
	soon := time.Now().Add(time.Hour)
	ours, theirs := tlstest.NewAuthority(t, "ours"), tlstest.NewAuthority(t, "theirs")
	cert, key := ours.Issues("server", "nats.example", soon)
	own, ownKey := ours.Issues("shop", "shop", soon)
	stranger, strangerKey := theirs.Issues("stranger", "shop", soon)
	shop, err := tls.LoadX509KeyPair(own, ownKey)
	require.NoError(t, err)
	admin := []client.Option{client.Secure(&tls.Config{Certificates: []tls.Certificate{shop}, InsecureSkipVerify: true})} // it is ours
	s := natstest.Secured(t, admin, "--tlsverify", "--tlscacert", ours.File, "--tlscert", cert, "--tlskey", key)
	address := func(changes map[string]string) string {
		parameters := url.Values{"cacertfile": {ours.File}, "certfile": {own}, "keyfile": {ownKey}, "server_name_indication": {"nats.example"}}
		for name, value := range changes {
			if parameters.Set(name, value); value == "" {
				parameters.Del(name)
			}
		}
		return "tls://boss:secret@" + s.Address() + "?" + parameters.Encode()
	}

	w := newTown(t, address(nil), s.URL(), nats.Options{}, admin...)
	w.Listens(bustest.Acknowledge)
	require.NoError(t, w.Says("over TLS"))
	w.Hears("over TLS")

	refused := func(says string, changes map[string]string) {
		t.Helper()
		c, err := nats.New(address(changes), nats.Options{Prefix: w.prefix})
		if err == nil {
			err = c.Publish("town", message.NewMessage(says, nil))
			require.NoError(t, c.Close())
		}
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "secret")
	}
	refused("certificate signed by unknown authority", map[string]string{"cacertfile": theirs.File})
	refused("not elsewhere.example", map[string]string{"server_name_indication": "elsewhere.example"})
	refused("cacertfile: open /nowhere", map[string]string{"cacertfile": "/nowhere"})
	refused("has no certificates in it", map[string]string{"cacertfile": ownKey})
	refused("certfile, keyfile: open", map[string]string{"keyfile": ""})
	refused("certfile, keyfile: open /nowhere", map[string]string{"certfile": "/nowhere"})
	refused("private key does not match public key", map[string]string{"keyfile": strangerKey})
	refused("cannot be reached", map[string]string{"certfile": "", "keyfile": ""})
	refused("cannot be reached", map[string]string{"certfile": stranger, "keyfile": strangerKey})
	refused("cafile is no parameter", map[string]string{"cafile": ours.File})

	require.NoError(t, w.Says("still"))
	w.Hears("still")
	w.HeardOnly("over TLS", "still") // and nobody who was refused
}
