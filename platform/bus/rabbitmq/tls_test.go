package rabbitmq_test

import (
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/tlstest"
)

// Over TLS both ends know whom they talk to, or do not talk; and a broker's certificate is renewed without a word.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	if !rabbitmqtest.Installed(t) {
		return
	}
	soon := time.Now().Add(time.Hour)
	ours, theirs := tlstest.NewAuthority(t, "ours"), tlstest.NewAuthority(t, "theirs")
	cert, key := ours.Issues("broker", "broker.example", soon)
	port := rabbitmqtest.FreePort(t)
	broker := rabbitmqtest.Own(t, rabbitmqtest.Setup{Config: fmt.Sprintf("listeners.ssl.own = 127.0.0.1:%s\nssl_options.cacertfile = %s\n"+
		"ssl_options.certfile = %s\nssl_options.keyfile = %s\nssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true", port, ours.File, cert, key)})
	client, clientKey := ours.Issues("shop", "shop", soon)
	stranger, strangerKey := theirs.Issues("stranger", "shop", soon)
	address := func(changes map[string]string) string {
		parameters := url.Values{"cacertfile": {ours.File}, "certfile": {client}, "keyfile": {clientKey}, "server_name_indication": {"broker.example"}}
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
	refused("certificate signed by unknown authority", map[string]string{"cacertfile": theirs.File})
	refused("not elsewhere.example", map[string]string{"server_name_indication": "elsewhere.example"})
	refused("cacertfile: open /nowhere", map[string]string{"cacertfile": "/nowhere"})
	refused("there is no certificate in", map[string]string{"cacertfile": clientKey})
	refused("certfile and keyfile go together", map[string]string{"keyfile": ""})
	refused("open /nowhere", map[string]string{"keyfile": "/nowhere"})
	refused("private key does not match public key", map[string]string{"keyfile": strangerKey})
	refused(" certificate", map[string]string{"certfile": "", "keyfile": ""}) // that it is told so, or was hung up on
	refused(" certificate", map[string]string{"certfile": stranger, "keyfile": strangerKey})

	c, err := rabbitmq.New(address(map[string]string{"cacertfile": theirs.File}), rabbitmq.Options{})
	require.NoError(t, err)
	_, err = c.Subscribe(t.Context(), "town")
	require.ErrorContains(t, err, "certificate signed by unknown authority", "a broker that is another does not stop the start")
	require.NoError(t, c.Close())

	ours.Issues("broker", "broker.example", time.Now().Add(-time.Minute))
	broker.Control("eval", "ssl:clear_pem_cache().")
	refused("certificate has expired", nil)
	ours.Issues("broker", "broker.example", soon)
	broker.Control("eval", "ssl:clear_pem_cache().")
	c, err = rabbitmq.New(address(nil), rabbitmq.Options{})
	require.NoError(t, err)
	require.ErrorContains(t, c.Publish("nobody", message.NewMessage("1", nil)), "it reached no queue")
	require.NoError(t, c.Close())

	require.NoError(t, w.Says("still"))
	w.Hears("still")
	w.HeardOnly("over TLS", "still") // and nobody who was refused
}
