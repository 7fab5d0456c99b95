package knownbugs

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	stockamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
)

// A setting is one of watermill-amqp.
type setting func(*stockamqp.Config)

// confirming waits for the broker's confirmation, and asks it to return what it cannot route.
func confirming(c *stockamqp.Config) { c.Publish.ConfirmDelivery, c.Publish.Mandatory = true, true }

// quorum keeps messages in quorum queues.
func quorum(c *stockamqp.Config) {
	c.Queue.Arguments = amqp091.Table{amqp091.QueueTypeArg: amqp091.QueueTypeQuorum}
}

// stock makes carriers of watermill-amqp on the broker of all tests, as its maker sets it up for messages that last.
func stock(settings ...setting) bustest.Carrier {
	return func(t testing.TB) (message.Publisher, message.Subscriber) {
		publisher, subscriber, _ := stockAt(t, rabbitmqtest.URL(), settings...)
		return publisher, subscriber
	}
}

// stockAt makes one on any broker, on which everything of it has a prefix.
func stockAt(t testing.TB, at string, settings ...setting) (_ message.Publisher, _ message.Subscriber, prefix string) {
	prefix = "t." + uuid.NewString()[:8] + "."
	var names sync.Map
	name := func(topic string) string {
		names.Store(prefix+topic, true)
		return prefix + topic
	}
	config := stockamqp.NewDurablePubSubConfig(at, name)
	config.Exchange.GenerateName = name
	for _, set := range settings {
		set(&config)
	}
	t.Cleanup(func() { names.Range(func(name, _ any) bool { return forget(name.(string)) == nil }) })
	publisher, err := stockamqp.NewPublisher(config, watermill.NopLogger{})
	require.NoError(t, err)
	subscriber, err := stockamqp.NewSubscriber(config, watermill.NopLogger{})
	require.NoError(t, err)
	return publisher, subscriber, prefix
}

// forget deletes a queue and an exchange on the broker of all tests.
func forget(name string) error {
	conn, err := amqp091.Dial(rabbitmqtest.URL())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	_, err = ch.QueueDelete(name, false, false, false)
	return errors.Join(err, ch.ExchangeDelete(name, false, false))
}

// What ours come through in package rabbitmq.
const (
	calm    = "what is said is heard"
	deleted = "a queue that is deleted comes back and brings no phantoms"
	killed  = "a broker that is killed loses nothing that it has confirmed"
)

// troubled has watermill-amqp come through what ours do.
func troubled(settings ...setting) func(*testing.T) {
	return func(t *testing.T) {
		t.Run(calm, func(t *testing.T) {
			town, _ := newTown(t, rabbitmqtest.URL(), settings)
			town.Listens(bustest.Acknowledge)
			var said []string
			for n := range 100 {
				said = append(said, fmt.Sprintf("%03d", n))
				town.Insists(said[n])
			}
			town.Hears(said...)
			town.HeardNoPhantom()
		})
		t.Run(deleted, func(t *testing.T) {
			town, prefix := newTown(t, rabbitmqtest.URL(), settings)
			town.ComesBack(1, func() error { return forget(prefix + "town") })
		})
		t.Run(killed, func(t *testing.T) {
			broker := rabbitmqtest.Own(t)
			town, _ := newTown(t, broker.URL(), settings)
			town.Listens(bustest.Acknowledge)
			town.Insists("before")
			broker.Restart() // it writes down late that a queue is new
			town.GetsThrough(func() {
				town.HearsOn(100)
				broker.Kill()
				broker.Start()
			})
		})
	}
}

func newTown(t *testing.T, at string, settings []setting) (town *bustest.Town, prefix string) {
	publisher, subscriber, prefix := stockAt(t, at, settings...)
	town = bustest.NewTown(t, publisher, subscriber)
	town.Patience = 20 * time.Second
	return town, prefix
}
