package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
)

// A town hears a tower, and a mill that is at rest, over a broker that a test does things to.
type town struct {
	*bustest.Town
	t       *testing.T
	url     string
	options rabbitmq.Options
	carrier *rabbitmq.Carrier
	admin   *amqp.Connection
}

// newTown joins the two over the broker at url, which the administrator reaches at another one.
func newTown(t *testing.T, url, adminURL string, options rabbitmq.Options) *town {
	options.Prefix = "t." + uuid.NewString()[:8] + "."
	options.Sources = func(string) []string { return []string{"mill", "tower"} }
	if options.Declare == 0 {
		options.Declare = 50 * time.Millisecond
	}
	w := &town{t: t, url: url, options: options}
	var err error
	w.admin, err = amqp.Dial(adminURL)
	require.NoError(t, err)
	w.carrier, err = rabbitmq.New(url, options)
	require.NoError(t, err)
	require.NoError(t, errors.Join(w.carrier.Introduce("mill"), w.carrier.Introduce("tower")))
	w.Town = bustest.NewTown(t, w.carrier, w.carrier)
	return w
}

// administers does something on a channel of its own, which may be refused while the broker comes and goes.
func (w *town) administers(do func(*amqp.Channel) error) error {
	ch, err := w.admin.Channel()
	if err != nil {
		return err
	}
	defer func() { _ = ch.Close() }()
	return do(ch)
}

func (w *town) name(of string) string { return w.options.Prefix + of }

// onTheBrokerOfAllTests joins the two over it, and deletes everything of theirs afterwards.
func onTheBrokerOfAllTests(t *testing.T, url string, options rabbitmq.Options) *town {
	w := newTown(t, url, rabbitmqtest.URL(), options)
	t.Cleanup(func() {
		require.NoError(t, w.carrier.Close())
		for _, name := range []string{"town", "town.dead", "town.events", "mill.events", "tower.events"} {
			require.NoError(t, w.administers(func(ch *amqp.Channel) error {
				_, err := ch.QueueDelete(w.name(name), false, false, false)
				return errors.Join(err, ch.ExchangeDelete(w.name(name), false, false))
			}))
		}
		require.NoError(t, w.admin.Close())
	})
	return w
}

// onItsOwn joins the two over a broker that ends with the test, and may have ended before.
func onItsOwn(t *testing.T, broker *rabbitmqtest.Broker, url string, options rabbitmq.Options) *town {
	w := newTown(t, url, broker.URL(), options)
	t.Cleanup(func() { _, _ = w.carrier.Close(), w.admin.Close() })
	return w
}

func TestWhatReachesNoQueueIsAnError(t *testing.T) {
	t.Parallel()
	w := onTheBrokerOfAllTests(t, rabbitmqtest.URL(), rabbitmq.Options{Declare: time.Hour})
	require.ErrorContains(t, w.Says("too early"), "it reached no queue")
	w.Listens(bustest.Acknowledge)
	require.NoError(t, w.Says("heard"))
	w.Hears("heard")
	require.NoError(t, w.administers(func(ch *amqp.Channel) error {
		return ch.QueueUnbind(w.name("town"), "town", w.name("tower.events"), nil)
	}))
	require.ErrorContains(t, w.Says("unbound"), "it reached no queue")
	require.NoError(t, w.administers(func(ch *amqp.Channel) error { return ch.ExchangeDelete(w.name("tower.events"), false, false) }))
	require.Error(t, w.Says("without an exchange"))
	w.HeardOnly("heard")
}

func TestWhatIsDeletedComesBack(t *testing.T) {
	t.Parallel()
	w := onTheBrokerOfAllTests(t, rabbitmqtest.URL(), rabbitmq.Options{})
	queue := func(name string) func() error {
		return func() error {
			return w.administers(func(ch *amqp.Channel) error {
				_, err := ch.QueueDelete(w.name(name), false, false, false)
				return err
			})
		}
	}
	exchange := func(name string) func() error {
		return func() error {
			return w.administers(func(ch *amqp.Channel) error { return ch.ExchangeDelete(w.name(name), false, false) })
		}
	}
	binding := func() error {
		return w.administers(func(ch *amqp.Channel) error {
			return ch.QueueUnbind(w.name("town"), "town", w.name("tower.events"), nil)
		})
	}
	w.ComesBack(6, queue("town"), binding, exchange("tower.events"), queue("town.dead"), exchange("town.dead"))
}

// Messages that were refused come again, as they were, and what a broker gives up delivering comes another way.
func TestWhatIsRefusedComesAgain(t *testing.T) {
	t.Parallel()
	w := onTheBrokerOfAllTests(t, rabbitmqtest.URL(), rabbitmq.Options{Deliveries: 3})
	w.IsRefused(8)
}

// A cut is a connection that ends at any moment.
func TestCuts(t *testing.T) {
	t.Parallel()
	wire := bustest.NewWire(t, address(t, rabbitmqtest.URL()))
	w := onTheBrokerOfAllTests(t, over(t, wire, rabbitmqtest.URL()), rabbitmq.Options{})
	w.Listens(bustest.Acknowledge)
	w.GetsThrough(func() {
		for range 30 {
			w.HearsOn(1 + rand.IntN(20))
			wire.Cut()
		}
	})
}

func TestACutInTheMiddleOfWork(t *testing.T) {
	t.Parallel()
	wire := bustest.NewWire(t, address(t, rabbitmqtest.URL()))
	w := onTheBrokerOfAllTests(t, over(t, wire, rabbitmqtest.URL()), rabbitmq.Options{})
	w.IsInterrupted(wire.Cut)
}

func TestABrokerIsKilled(t *testing.T) {
	t.Parallel()
	broker := rabbitmqtest.Own(t)
	w := onItsOwn(t, broker, broker.URL(), rabbitmq.Options{})
	w.Listens(func(*message.Message) bool { return rand.IntN(10) > 0 })
	w.Insists("before")
	w.Hears("before")
	broker.Restart()
	w.GetsThrough(func() {
		for range 2 {
			w.HearsOn(1000)
			broker.Kill()
			broker.Start()
		}
	})
}

// A broker that is short of memory takes no messages, and says so; one that does not answer is not waited for.
func TestABrokerThatTakesNothing(t *testing.T) {
	t.Parallel()
	broker := rabbitmqtest.Own(t)
	w := onItsOwn(t, broker, broker.URL(), rabbitmq.Options{Confirm: time.Second})
	w.Listens(bustest.Acknowledge)
	w.Insists("before")

	broker.Control("set_vm_memory_high_watermark", "0.0000001")
	w.Eventually(func() bool { return w.Says("blocked") != nil }, "the broker still takes messages")
	require.ErrorContains(t, w.Says("blocked"), "RabbitMQ takes no messages")
	broker.Control("set_vm_memory_high_watermark", "0.4")
	w.Eventually(func() bool { return w.Says("after") == nil }, "the broker still takes no messages")

	broker.Signal(syscall.SIGSTOP)
	var silence error
	w.Eventually(func() bool { silence = w.Says("silence"); return silence != nil }, "a broker that is stopped answers") // it stops a moment later
	require.ErrorContains(t, silence, "has not confirmed it for 1s")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	closed := make(chan struct{})
	go func() { _ = w.carrier.Close(); close(closed) }()
	select {
	case <-closed:
	case <-ctx.Done():
		t.Error("a broker that does not answer cannot be left")
	}
	broker.Signal(syscall.SIGCONT)
}

func TestABrokerThatSaysNo(t *testing.T) {
	t.Parallel()
	for url, says := range map[string]string{
		"amqp://guest:wrong@127.0.0.1:5672/":        "username or password not allowed",
		"amqp://guest:guest@127.0.0.1:5672/nowhere": "vhost",
	} {
		c, err := rabbitmq.New(url, rabbitmq.Options{})
		require.NoError(t, err)
		_, err = c.Subscribe(t.Context(), "town")
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "wrong")
		require.NoError(t, c.Close())
	}
	for _, url := range []string{"http://127.0.0.1", "amqp://guest:geheim@host:port/", "amqp://guest:geheim%zz@host/", "amqp://geheim host/"} {
		_, err := rabbitmq.New(url, rabbitmq.Options{})
		require.ErrorContains(t, err, "not the URL of a RabbitMQ")
		require.NotContains(t, err.Error(), "geheim")
	}
	c, err := rabbitmq.New("amqp://127.0.0.1:1/", rabbitmq.Options{})
	require.NoError(t, err)
	messages, err := c.Subscribe(t.Context(), "town")
	require.NoError(t, err, "it may come")
	require.ErrorContains(t, c.Publish("town", message.NewMessage("1", nil)), "cannot be reached")
	require.NoError(t, c.Close())
	_, open := <-messages
	require.False(t, open)
}

// over is the URL of a broker over a wire.
func over(t *testing.T, wire *bustest.Wire, url string) string {
	uri, err := amqp.ParseURI(url)
	require.NoError(t, err)
	return fmt.Sprintf("amqp://%s:%s@%s/", uri.Username, uri.Password, wire.Address())
}

func address(t *testing.T, url string) string {
	uri, err := amqp.ParseURI(url)
	require.NoError(t, err)
	return fmt.Sprintf("%s:%d", uri.Host, uri.Port)
}
