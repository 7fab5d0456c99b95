package bustest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// inapplicable are the tests of Watermill's suite that skip themselves, and why that is right.
var inapplicable = map[string]string{
	"Reconnect":                        "restarts a broker by a command; what dies and comes back is tested by Run",
	"NewSubscriberReceivesOldMessages": "is for logs that are read again from their beginning; kept events are replayed on request",
}

// Watermill puts a carrier, between an outbox and inboxes on database files, through Watermill's own suite.
func Watermill(t *testing.T, carrier Carrier) {
	h := newHall(t, carrier)
	features := tests.Features{
		Persistent: true, ConsumerGroups: true, GuaranteedOrder: true, ExactlyOnceDelivery: false,
		ForceShort: RaceDetector,
	}
	suite := map[string]func(*testing.T, tests.TestContext){
		"ConsumerGroups": func(t *testing.T, c tests.TestContext) { tests.TestConsumerGroups(t, c, h.group) },
	}
	for name, test := range map[string]func(*testing.T, tests.TestContext, tests.PubSubConstructor){
		"PublishSubscribe":                  tests.TestPublishSubscribe,
		"ConcurrentSubscribe":               tests.TestConcurrentSubscribe,
		"ConcurrentSubscribeMultipleTopics": tests.TestConcurrentSubscribeMultipleTopics,
		"ResendOnError":                     tests.TestResendOnError,
		"NoAck":                             tests.TestNoAck,
		"ContinueAfterSubscribeClose":       tests.TestContinueAfterSubscribeClose,
		"ConcurrentClose":                   tests.TestConcurrentClose,
		"ContinueAfterErrors":               tests.TestContinueAfterErrors,
		"PublishSubscribeInOrder":           tests.TestPublishSubscribeInOrder,
		"PublisherClose":                    tests.TestPublisherClose,
		"Topic":                             tests.TestTopic,
		"MessageCtx":                        tests.TestMessageCtx,
		"SubscribeCtx":                      tests.TestSubscribeCtx,
		"NewSubscriberReceivesOldMessages":  tests.TestNewSubscriberReceivesOldMessages,
		"Reconnect":                         tests.TestReconnect,
	} {
		suite[name] = func(t *testing.T, c tests.TestContext) { test(t, c, h.pubSub) }
	}
	t.Run("suite", func(t *testing.T) {
		for name, test := range suite {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				defer func() {
					if reason, listed := inapplicable[name]; t.Skipped() != listed {
						t.Errorf("skipped: %t, listed as not applicable: %q", t.Skipped(), reason)
					}
				}()
				test(t, tests.TestContext{TestID: tests.NewTestID(), Features: features})
			})
		}
	})
}

// A hall is where the suite takes place: every topic is a source, every consumer group of it a destination.
type hall struct {
	t          *testing.T
	publisher  message.Publisher
	subscriber message.Subscriber
	places     database.Places
	databases  atomic.Int64

	mu        sync.Mutex
	topics    map[string]*topic
	listeners []*listener // the suite leaves some of them open
}

// A topic of the suite is an event's name. All its messages have one key, so they are in order.
type topic struct {
	name   string
	source *database.DB
	mu     sync.RWMutex
	ears   map[string]*database.DB // by consumer group
	dests  outbox.Manifest
	outbox *outbox.Outbox
	relay  *outbox.Relay
}

func newHall(t *testing.T, carrier Carrier) *hall {
	pub, sub := carrier(t)
	h := &hall{t: t, publisher: pub, subscriber: sub, topics: map[string]*topic{}}
	if kind := databasetest.Dialect(); kind == database.SQLite {
		h.places = databasetest.Places(t)
	} else {
		h.places = databasetest.Own(t, kind).Places() // a hundred databases are more than the server of all tests has room for
	}
	t.Cleanup(h.close)
	return h
}

// open opens a database of its own for a module.
func (h *hall) open(module string) *database.DB {
	return databasetest.Reopen(h.t, h.places, fmt.Sprintf("%s-%d", module, h.databases.Add(1)), nil)
}

func (h *hall) close() {
	var errs []error
	for _, t := range h.topics {
		errs = append(errs, t.silence())
	}
	for _, l := range h.listeners {
		errs = append(errs, l.Close())
	}
	errs = append(errs, h.publisher.Close(), h.subscriber.Close())
	for _, t := range h.topics {
		errs = append(errs, t.source.Close())
		for _, db := range t.ears {
			errs = append(errs, db.Close())
		}
	}
	require.NoError(h.t, errors.Join(errs...))
}

func (h *hall) pubSub(t *testing.T) (message.Publisher, message.Subscriber) {
	return h.group(t, "default")
}

func (h *hall) group(_ *testing.T, group string) (message.Publisher, message.Subscriber) {
	l := &listener{hall: h, group: group}
	l.life, l.end = context.WithCancel(context.Background())
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listeners = append(h.listeners, l)
	return speaker{h}, l
}

func (h *hall) topic(name string) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.topics[name]
	if !ok {
		t = &topic{name: name, source: h.open("source"), ears: map[string]*database.DB{}, dests: outbox.Manifest{}}
		h.topics[name] = t
	}
	return t
}

// ear is the database of a consumer group of a topic. A new group is a new destination, which the source
// learns from a new manifest, as it would with its next start.
func (h *hall) ear(t *topic, group string) (*database.DB, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if db, ok := t.ears[group]; ok {
		return db, nil
	}
	db := h.open("ear")
	t.ears[group] = db
	t.dests = outbox.Manifest{t.name: append([]string{t.dest(group)}, t.dests[t.name]...)}
	if err := t.silence(); err != nil {
		return nil, err
	}
	t.outbox = outbox.New(t.source, t.dests)
	t.relay = outbox.NewRelay(t.outbox, h.publisher, outbox.RelayOptions{})
	return db, t.relay.Start(context.Background())
}

// dest names a group of the topic as shortly as modules are named: the suite's own names have no end.
func (t *topic) dest(group string) string {
	return uuid.NewSHA1(uuid.Nil, []byte(group+" of "+t.name)).String()
}

func (t *topic) silence() error {
	if t.relay == nil {
		return nil
	}
	return t.relay.Stop(context.Background())
}

// A parcel carries one message of the suite as an event.
type parcel struct {
	Topic    string            `json:"topic"`
	UUID     string            `json:"uuid"`
	Metadata map[string]string `json:"metadata"`
	Payload  []byte            `json:"payload"`
}

func (p parcel) EventName() string { return p.Topic }
func (p parcel) EventKey() string  { return p.Topic }

// A speaker is an outbox as a Publisher: it returns when the messages are committed.
type speaker struct{ hall *hall }

func (s speaker) Publish(name string, messages ...*message.Message) error {
	t := s.hall.topic(name)
	events := make([]outbox.Event, len(messages))
	for i, m := range messages {
		events[i] = parcel{name, m.UUID, m.Metadata, m.Payload}
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.outbox == nil {
		return fmt.Errorf("nobody has ever subscribed to %s", name)
	}
	return t.source.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error {
		return t.outbox.Add(ctx, events...)
	})
}

func (s speaker) Close() error { return nil }

// A listener is a Subscriber whose every subscription is the inbox of its group. What its reader does not
// acknowledge is a failed attempt: tried again soon, and never parked.
type listener struct {
	hall  *hall
	group string
	life  context.Context
	end   context.CancelFunc
	open  sync.WaitGroup
}

func (l *listener) SubscribeInitialize(name string) error {
	_, err := l.hall.ear(l.hall.topic(name), l.group)
	return err
}

func (l *listener) Subscribe(ctx context.Context, name string) (<-chan *message.Message, error) {
	t := l.hall.topic(name)
	db, err := l.hall.ear(t, l.group)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(l.life, cancel)
	messages, err := l.hall.subscriber.Subscribe(ctx, t.dest(l.group))
	if err != nil {
		cancel()
		return nil, err
	}
	in := inbox.New(db, inbox.Options{Attempts: 1 << 30, Backoff: func(int) time.Duration { return time.Millisecond }, Poll: 25 * time.Millisecond})
	out := make(chan *message.Message)
	handle := in.Middleware(func(m *message.Message) ([]*message.Message, error) { return nil, hand(ctx, out, m) })
	if err := in.Start(ctx); err != nil {
		cancel()
		return nil, err
	}
	l.open.Go(func() {
		defer cancel()
		defer close(out)
		var hands sync.WaitGroup
		for m := range messages {
			hands.Go(func() { answer(handle, m) })
		}
		hands.Wait()
		_ = in.Stop(context.Background())
	})
	return out, nil
}

func answer(handle message.HandlerFunc, m *message.Message) {
	if _, err := handle(m); err != nil {
		m.Nack()
		return
	}
	m.Ack()
}

// hand gives the message in a parcel to the reader and waits for the answer.
func hand(ctx context.Context, out chan<- *message.Message, m *message.Message) error {
	var p parcel
	if err := json.Unmarshal(m.Payload, &p); err != nil {
		return err
	}
	own := message.NewMessage(p.UUID, p.Payload)
	own.Metadata = p.Metadata
	answered, cancel := context.WithCancel(ctx)
	defer cancel()
	own.SetContext(answered)
	select {
	case out <- own:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-own.Acked():
		return nil
	case <-own.Nacked():
		return errors.New("not acknowledged")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *listener) Close() error {
	l.end()
	l.open.Wait()
	return nil
}
