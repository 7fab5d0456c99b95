package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A town hears a tower, and a mill that is at rest, over a broker that a test does things to.
type town struct {
	t       *testing.T
	url     string
	options rabbitmq.Options
	carrier *rabbitmq.Carrier
	admin   *amqp.Connection

	mu    sync.Mutex
	heard []*message.Message
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
	return w
}

// listens has the town hear, and answer as told.
func (w *town) listens(answer func(*message.Message) bool) {
	w.t.Helper()
	messages, err := w.carrier.Subscribe(w.t.Context(), "town")
	require.NoError(w.t, err)
	go func() {
		for m := range messages {
			w.mu.Lock()
			w.heard = append(w.heard, m)
			w.mu.Unlock()
			if answer(m) {
				m.Ack()
			} else {
				m.Nack()
			}
		}
	}()
}

func acknowledge(*message.Message) bool { return true }

// all are the messages heard, in order, also again.
func (w *town) all() []*message.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.heard)
}

// ids are those of the messages heard, sorted, each once.
func (w *town) ids() []string {
	var ids []string
	for _, m := range w.all() {
		ids = append(ids, m.UUID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (w *town) says(id string) error {
	m := message.NewMessage(id, []byte("ding "+id))
	m.Metadata = message.Metadata{envelope.Source: "tower", "bell": id}
	return w.carrier.Publish("town", m)
}

// insists says something until it is confirmed, and returns how often it was not.
func (w *town) insists(id string) (failures int) {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for ; w.says(id) != nil && w.t.Context().Err() == nil; failures++ {
		<-again.C
	}
	return failures
}

func (w *town) eventually(condition func() bool, message string, args ...any) {
	w.t.Helper()
	require.Eventuallyf(w.t, condition, time.Minute, 5*time.Millisecond, message, args...)
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
	require.ErrorContains(t, w.says("too early"), "it reached no queue")
	w.listens(acknowledge)
	require.NoError(t, w.says("heard"))
	w.eventually(func() bool { return len(w.ids()) == 1 }, "nothing is heard")
	require.NoError(t, w.administers(func(ch *amqp.Channel) error {
		return ch.QueueUnbind(w.name("town"), "town", w.name("tower.events"), nil)
	}))
	require.ErrorContains(t, w.says("unbound"), "it reached no queue")
	require.NoError(t, w.administers(func(ch *amqp.Channel) error { return ch.ExchangeDelete(w.name("tower.events"), false, false) }))
	require.Error(t, w.says("without an exchange"))
	require.Equal(t, []string{"heard"}, w.ids())
}

func TestWhatIsDeletedComesBack(t *testing.T) {
	t.Parallel()
	w := onTheBrokerOfAllTests(t, rabbitmqtest.URL(), rabbitmq.Options{})
	w.listens(acknowledge)
	deletions := []func(*amqp.Channel) error{
		func(ch *amqp.Channel) error {
			_, err := ch.QueueDelete(w.name("town"), false, false, false)
			return err
		},
		func(ch *amqp.Channel) error {
			return ch.QueueUnbind(w.name("town"), "town", w.name("tower.events"), nil)
		},
		func(ch *amqp.Channel) error { return ch.ExchangeDelete(w.name("tower.events"), false, false) },
		func(ch *amqp.Channel) error {
			_, err := ch.QueueDelete(w.name("town.dead"), false, false, false)
			return err
		},
		func(ch *amqp.Channel) error { return ch.ExchangeDelete(w.name("town.dead"), false, false) },
	}
	var said []string
	failures := 0
	for round := range 10 * len(deletions) {
		_ = w.administers(deletions[round%len(deletions)]) // what is not there yet again is as good as deleted
		for n := range 10 {
			id := fmt.Sprintf("%03d-%d", round, n)
			failures += w.insists(id)
			said = append(said, id)
		}
		w.eventually(func() bool { return slices.Equal(w.ids(), said) }, "round %d: said %d, heard %d", round, len(said), len(w.ids()))
	}
	require.Positive(t, failures, "no deletion disturbed anybody")
}

// Messages that were refused come again, as they were, and what a broker gives up delivering comes another way.
func TestWhatIsRefusedComesAgain(t *testing.T) {
	t.Parallel()
	w := onTheBrokerOfAllTests(t, rabbitmqtest.URL(), rabbitmq.Options{Deliveries: 3})
	times := map[string]int{}
	w.listens(func(m *message.Message) bool {
		times[m.UUID]++
		return times[m.UUID] > 8
	})
	require.NoError(t, w.says("stubborn"))
	w.eventually(func() bool { return len(w.all()) == 9 }, "heard %d times", len(w.all()))
	for _, m := range w.all() {
		require.Equal(t, "stubborn", m.UUID)
		require.Equal(t, "ding stubborn", string(m.Payload))
		require.Equal(t, "stubborn", m.Metadata["bell"])
		require.Equal(t, "tower", m.Metadata[envelope.Source])
	}
}

// A cut is a connection that ends at any moment. Nothing is lost for it, and nothing is heard that nobody said.
func TestCuts(t *testing.T) {
	t.Parallel()
	wire := newWire(t, address(t, rabbitmqtest.URL()))
	w := onTheBrokerOfAllTests(t, wire.url(t, rabbitmqtest.URL()), rabbitmq.Options{})
	w.listens(acknowledge)
	said, failures := w.chatters(func() {
		for range 100 {
			before, some := len(w.all()), 1+rand.IntN(20)
			w.eventually(func() bool { return len(w.all()) >= before+some }, "nothing is heard")
			wire.cut()
		}
	})
	require.Positive(t, failures, "no cut disturbed anybody")
	w.eventually(func() bool { return slices.Equal(w.ids(), said) }, "said %d, heard %d", len(said), len(w.ids()))
	for _, m := range w.all() {
		require.NotEmpty(t, m.UUID)
		require.Equal(t, "tower", m.Metadata[envelope.Source])
	}
}

// chatters has many speak while something goes on, and returns what was confirmed, and how often something was not.
func (w *town) chatters(meanwhile func()) (said []string, failures int) {
	var mu sync.Mutex
	var speakers sync.WaitGroup
	over := make(chan struct{})
	for speaker := range 16 {
		speakers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
				}
				id := fmt.Sprintf("%02d-%06d", speaker, n)
				failed := w.insists(id)
				mu.Lock()
				said, failures = append(said, id), failures+failed
				mu.Unlock()
			}
		})
	}
	meanwhile()
	close(over)
	speakers.Wait()
	slices.Sort(said)
	return said, failures
}

func TestABrokerIsKilled(t *testing.T) {
	t.Parallel()
	broker := rabbitmqtest.Own(t)
	w := onItsOwn(t, broker, broker.URL(), rabbitmq.Options{})
	w.listens(func(*message.Message) bool { return rand.IntN(10) > 0 })
	w.insists("before")
	broker.Restart()
	said, failures := w.chatters(func() {
		for range 2 {
			before := len(w.ids())
			w.eventually(func() bool { return len(w.ids()) > before+1000 }, "heard %d", len(w.ids()))
			broker.Kill()
			broker.Start()
		}
	})
	said = append(said, "before")
	require.Positive(t, failures, "no kill disturbed anybody")
	w.eventually(func() bool { return slices.Equal(w.ids(), said) }, "said %d, heard %d", len(said), len(w.ids()))
}

// A broker that is short of memory takes no messages, and says so; one that does not answer is not waited for.
func TestABrokerThatTakesNothing(t *testing.T) {
	t.Parallel()
	broker := rabbitmqtest.Own(t)
	w := onItsOwn(t, broker, broker.URL(), rabbitmq.Options{Confirm: time.Second})
	w.listens(acknowledge)
	require.NoError(t, w.says("before"))

	broker.Control("set_vm_memory_high_watermark", "0.0000001")
	w.eventually(func() bool { return w.says("blocked") != nil }, "the broker still takes messages")
	require.ErrorContains(t, w.says("blocked"), "RabbitMQ takes no messages")
	broker.Control("set_vm_memory_high_watermark", "0.4")
	w.eventually(func() bool { return w.says("after") == nil }, "the broker still takes no messages")

	broker.Signal(syscall.SIGSTOP)
	require.ErrorContains(t, w.says("silence"), "has not confirmed it for 1s")
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

// A wire is a connection to somewhere that can be cut.
type wire struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	ends     map[net.Conn]bool
	strands  sync.WaitGroup
}

func newWire(t *testing.T, to string) *wire {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{listener: listener, to: to, ends: map[net.Conn]bool{}}
	w.strands.Go(w.accept)
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		w.cut()
		w.strands.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		here, err := w.listener.Accept()
		if err != nil {
			return
		}
		there, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = here.Close()
			continue
		}
		w.mu.Lock()
		w.ends[here], w.ends[there] = true, true
		w.mu.Unlock()
		w.strands.Go(func() { w.carry(here, there) })
		w.strands.Go(func() { w.carry(there, here) })
	}
}

func (w *wire) carry(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, end := range []net.Conn{from, to} {
		_ = end.Close()
		delete(w.ends, end)
	}
}

// cut ends all connections.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for end := range w.ends {
		_ = end.Close()
	}
}

// url is the given one, over the wire.
func (w *wire) url(t *testing.T, of string) string {
	uri, err := amqp.ParseURI(of)
	require.NoError(t, err)
	return fmt.Sprintf("amqp://%s:%s@%s/", uri.Username, uri.Password, w.listener.Addr())
}

func address(t *testing.T, url string) string {
	uri, err := amqp.ParseURI(url)
	require.NoError(t, err)
	return fmt.Sprintf("%s:%d", uri.Host, uri.Port)
}
