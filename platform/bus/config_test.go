package bus_test

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// carried is what carries the events of a tower and a town with these settings.
func carried(settings map[string]string) (publisher message.Publisher, subscriber message.Subscriber, err error) {
	app := fx.New(fx.NopLogger, bus.FromConfig, fx.Supply(outbox.Manifest{"tower.Rang": {"town"}}, config.Of(settings)), fx.Populate(&publisher, &subscriber))
	return publisher, subscriber, app.Err()
}

func TestModulesSignInAsThemselves(t *testing.T) {
	publisher, subscriber, err := carried(nil)
	require.NoError(t, err)
	require.IsType(t, &bus.Direct{}, publisher)
	require.Same(t, publisher, subscriber)

	publisher, subscriber, err = carried(map[string]string{"PANGAEA_TOWN_BUS_URL": "amqp://town:secret@127.0.0.1:1/"})
	require.NoError(t, err)
	from := func(source string) error {
		m := message.NewMessage("1", nil)
		m.Metadata[envelope.Source] = source
		return publisher.Publish("town", m)
	}
	require.ErrorContains(t, from("town"), "RabbitMQ cannot be reached")
	require.ErrorContains(t, from("tower"), "PANGAEA_TOWER_BUS_URL and PANGAEA_BUS_URL are empty")
	_, err = subscriber.Subscribe(t.Context(), "tower")
	require.ErrorContains(t, err, "tower cannot reach the other modules")
	require.NoError(t, publisher.Close())

	publisher, _, err = carried(map[string]string{"PANGAEA_TOWN_BUS_URL": "amqp://town:secret@127.0.0.1:1/", "PANGAEA_BUS_URL": "amqp://tower:secret@127.0.0.1:1/"})
	require.NoError(t, err)
	require.ErrorContains(t, from("tower"), "RabbitMQ cannot be reached")
	require.NoError(t, publisher.Close())
}

func TestMoreIsUnderWayToAMessageServer(t *testing.T) {
	for url, inFlight := range map[string]int{"": 0, "amqp://tower:secret@127.0.0.1:1/": 256} { // 0: as is usual
		var options outbox.RelayOptions
		settings := config.Of(map[string]string{"PANGAEA_BUS_URL": url})
		app := fx.New(fx.NopLogger, bus.FromConfig, fx.Supply(outbox.Manifest{"tower.Rang": {"town"}}, settings), fx.Populate(&options))
		require.NoError(t, app.Err())
		require.Equal(t, inFlight, options.InFlight)
	}
}

func TestAURLThatIsNoneIsSaidToBe(t *testing.T) {
	for name, value := range map[string]string{"PANGAEA_BUS_URL": "http://secret", "PANGAEA_TOWN_BUS_URL": "amqp://town:secret@host:port/"} {
		_, _, err := carried(map[string]string{name: value})
		require.ErrorContains(t, err, name+": ")
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestAddressesOfModules(t *testing.T) {
	manifest := outbox.Manifest{"tower.Rang": {"town"}}
	a, err := bus.AddressesOf(config.Of(map[string]string{"PANGAEA_TOWN_BUS_URL": "amqp://town"}), manifest)
	require.NoError(t, err)
	require.Equal(t, "amqp://town", a.Of("town"))
	require.Empty(t, a.Of("tower"))
	require.True(t, a.Leave())
	a, err = bus.AddressesOf(config.Of(nil), manifest)
	require.NoError(t, err)
	require.False(t, a.Leave())
}
