package rabbitmq_test

import (
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

func TestMain(m *testing.M) {
	if !rabbitmqtest.Reachable() {
		return
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the suites fail on purpose, loudly
	goleak.VerifyTestMain(m)
}

func TestRabbitMQKeepsThePromises(t *testing.T) { bustest.Run(t, carrier) }

func TestTwoThatHearOverRabbitMQ(t *testing.T) { bustest.Instances(t, carrier) }

func TestRabbitMQPassesWatermillsSuite(t *testing.T) { bustest.Watermill(t, carrier) }

// carrier is a carrier with names of its own on the broker of all tests.
func carrier(t testing.TB) (message.Publisher, message.Subscriber) {
	i := &introductions{prefix: "t." + uuid.NewString()[:8] + ".", sources: map[string][]string{}}
	var err error
	i.conn, err = amqp.Dial(rabbitmqtest.URL())
	require.NoError(t, err)
	i.Carrier, err = rabbitmq.New(rabbitmqtest.URL(), rabbitmq.Options{Prefix: i.prefix, Sources: i.of})
	require.NoError(t, err)
	t.Cleanup(func() { i.forget(t) })
	return i, i.Carrier
}

// introductions join modules the first time that one speaks to another: the suites do not tell before who does.
type introductions struct {
	*rabbitmq.Carrier
	prefix string
	conn   *amqp.Connection

	mu      sync.Mutex
	sources map[string][]string // by destination
}

func (i *introductions) of(destination string) []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.sources[destination])
}

// Publish publishes.
func (i *introductions) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		if err := i.introduce(m.Metadata[envelope.Source], topic); err != nil {
			return err
		}
	}
	return i.Carrier.Publish(topic, messages...)
}

func (i *introductions) introduce(source, destination string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if slices.Contains(i.sources[destination], source) {
		return nil
	}
	ch, err := i.conn.Channel()
	if err != nil {
		return err
	}
	defer func() { _ = ch.Close() }()
	if err := ch.ExchangeDeclare(i.prefix+source+".events", amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
		return err
	}
	if err := ch.QueueBind(i.prefix+destination, destination, i.prefix+source+".events", false, nil); err != nil {
		return err
	}
	i.sources[destination] = append(i.sources[destination], source)
	return nil
}

// forget deletes everything of the test.
func (i *introductions) forget(t testing.TB) {
	for destination, sources := range i.sources {
		exchanges := []string{destination + ".dead", destination + ".events"}
		for _, source := range sources {
			exchanges = append(exchanges, source+".events")
		}
		ch, err := i.conn.Channel()
		require.NoError(t, err)
		for _, queue := range []string{destination, destination + ".dead"} {
			_, err := ch.QueueDelete(i.prefix+queue, false, false, false)
			require.NoError(t, err)
		}
		for _, exchange := range exchanges {
			require.NoError(t, ch.ExchangeDelete(i.prefix+exchange, false, false))
		}
		require.NoError(t, ch.Close())
	}
	require.NoError(t, i.conn.Close())
}
