package rabbitmq_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A bell rang in the tower.
type rang struct {
	Bell string `json:"bell"`
}

func (rang) EventName() string  { return "tower.Rang" }
func (r rang) EventKey() string { return r.Bell }

// letter is what a source might send of a bell.
func letter(t *testing.T, source, bell string) *message.Message {
	m, err := envelope.Seal(t.Context(), source, rang{bell}, time.Now())
	require.NoError(t, err)
	m.Metadata[envelope.Number] = "1"
	return m
}

// A household is a town that has a database, and writes down there what it cannot do.
type household struct {
	*town
	inbox *inbox.Inbox
	bells atomic.Int64 // heard with effect
}

func (w *town) settles(through func(message.Subscriber) message.Subscriber) *household {
	h := &household{town: w}
	h.inbox = inbox.New(databasetest.Open(w.t, "town", nil), inbox.Options{
		Attempts: 2, Backoff: func(int) time.Duration { return time.Millisecond }, Poll: 5 * time.Millisecond,
	})
	events := bus.NewEvents("town", through(w.carrier), h.inbox, outbox.Manifest{"tower.Rang": {"town"}})
	require.NoError(w.t, events.Listen(bus.On(func(ctx context.Context, e *rang) error {
		if e.Bell == "cracked" {
			return errors.New("that is no sound")
		}
		database.AfterCommit(ctx, func() { h.bells.Add(1) })
		return nil
	})))
	require.NoError(w.t, events.Start(w.t.Context()))
	w.t.Cleanup(func() { require.NoError(w.t, events.Stop(context.Background())) })
	return h
}

// parked waits for so many dead letters.
func (h *household) parked(n int) (parked []inbox.Letter) {
	h.t.Helper()
	h.Eventually(func() bool {
		letters, err := h.inbox.Letters(h.t.Context(), inbox.LetterFilter{State: inbox.Parked, Limit: 100})
		parked = letters
		return err == nil && len(letters) == n
	}, "not %d dead letters", n)
	return parked
}

// What comes through another exchange than it says, or is not its source's to say, is a dead letter, stays one when it
// is tried again, and is in nobody's way.
func TestNobodySpeaksForAnother(t *testing.T) {
	t.Parallel()
	w := onTheBrokerOfAllTests(t, rabbitmqtest.URL(), rabbitmq.Options{})
	h := w.settles(func(s message.Subscriber) message.Subscriber { return s })
	says := func(m *message.Message, note any) {
		headers := amqp.Table{}
		for key, value := range m.Metadata {
			headers[key] = value
		}
		if note != nil {
			headers["x-death"] = note
		}
		require.NoError(t, w.administers(func(ch *amqp.Channel) error {
			return ch.Publish(w.name("mill.events"), "town", false, false, amqp.Publishing{MessageId: m.UUID, Headers: headers, Body: m.Payload})
		}))
	}
	says(letter(t, "tower", "forged"), nil)
	says(letter(t, "tower", "noted"), []any{amqp.Table{"queue": w.name("town"), "exchange": w.name("tower.events"), "count": int64(1), "reason": "delivery_limit"}})
	says(letter(t, "mill", "overheard"), nil)

	reasons := map[string]bool{}
	for _, l := range h.parked(3) {
		reasons[l.Error] = true
		require.NoError(t, h.inbox.Retry(t.Context(), l.ID))
	}
	require.Equal(t, map[string]bool{
		`it says that it is from tower, and came through exchange "` + w.name("mill.events") + `"`: true,
		`it says that it is from tower, and came through exchange ""`:                              true,
		"tower.Rang is not for mill to say":                                                        true,
	}, reasons)
	require.NoError(t, w.carrier.Publish("town", letter(t, "tower", "forged")))
	h.Eventually(func() bool { return h.bells.Load() == 1 }, "the bell is not heard for those who forge it")
	h.parked(3)
	require.EqualValues(t, 1, h.bells.Load())
}

// What the broker gives up delivering, because the database could not even note that it failed, is heard another way when
// there is one: it has its effect, or is a dead letter as everything else that fails.
func TestWhatTheBrokerGivesUpIsHeardOrADeadLetter(t *testing.T) {
	t.Parallel()
	w := onTheBrokerOfAllTests(t, rabbitmqtest.URL(), rabbitmq.Options{Deliveries: 3})
	tired := &weary{times: map[string]int{}}
	h := w.settles(func(s message.Subscriber) message.Subscriber { tired.Subscriber = s; return tired })

	require.NoError(t, w.carrier.Publish("town", letter(t, "tower", "great"), letter(t, "tower", "cracked")))

	letters := h.parked(1)
	require.Equal(t, "that is no sound", letters[0].Error)
	require.Equal(t, "cracked", letters[0].Key)
	require.JSONEq(t, `{"bell":"cracked"}`, letters[0].Payload)
	h.Eventually(func() bool { return h.bells.Load() == 1 }, "what the broker gave up had no effect")
}

// A weary subscriber refuses each message so often that the broker gives it up, and takes it afterwards.
type weary struct {
	message.Subscriber
	times map[string]int
}

func (s *weary) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	in, err := s.Subscriber.Subscribe(ctx, topic)
	out := make(chan *message.Message)
	go func() {
		defer close(out)
		for m := range in {
			if s.times[m.UUID]++; s.times[m.UUID] <= 5 {
				m.Nack()
				continue
			}
			out <- m
		}
	}()
	return out, err
}
