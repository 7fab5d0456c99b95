package inbox_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

type opened struct {
	Door string `json:"door"`
}

func (opened) EventName() string  { return "house.Opened" }
func (e opened) EventKey() string { return e.Door }

// letter is the n-th message about a door.
func letter(t *testing.T, door string, n int) *message.Message {
	t.Helper()
	m, err := envelope.Seal(t.Context(), "house", opened{door}, time.Now())
	require.NoError(t, err)
	m.Metadata[envelope.Number] = strconv.Itoa(n)
	return m
}

// A reader notes the numbers that its inbox has it read, when that is committed.
type reader struct {
	db      *database.DB
	inbox   *inbox.Inbox
	receive message.HandlerFunc
	fail    func(door, n string) error

	mu   sync.Mutex
	read []string
}

// hasRead is what was read so far.
func (r *reader) hasRead() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.read)
}

func newReader(t *testing.T, options inbox.Options) *reader {
	r := &reader{db: databasetest.Open(t, "cat", nil)}
	r.inbox = inbox.New(r.db, options)
	r.receive = r.inbox.Middleware(func(m *message.Message) ([]*message.Message, error) {
		door, n := m.Metadata[envelope.Subject], m.Metadata[envelope.Number]
		database.AfterCommit(m.Context(), func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.read = append(r.read, door+n)
		})
		if r.fail != nil {
			return nil, r.fail(door, n)
		}
		return nil, nil
	})
	return r
}

func (r *reader) gets(t *testing.T, messages ...*message.Message) {
	t.Helper()
	for _, m := range messages {
		_, err := r.receive(m)
		require.NoError(t, err)
	}
}

// measured is what Prometheus would be told.
func (r *reader) measured(t *testing.T, name string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(r.inbox))
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if m := f.GetMetric()[0]; f.GetName() == name {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() // it is one of them
		}
	}
	t.Fatalf("nobody measures %s", name)
	return 0
}

// early waits until so many messages wait in memory.
func (r *reader) early(t *testing.T, messages float64) {
	t.Helper()
	require.Eventually(t, func() bool { return r.measured(t, "pangaea_inbox_early") == messages }, 30*time.Second, time.Millisecond)
}

// answer is what an inbox says at last, well before anybody's patience ends.
func answer(t *testing.T, said <-chan error) error {
	t.Helper()
	select {
	case err := <-said:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("it still waits")
		return nil
	}
}

func (r *reader) kept(t *testing.T) inbox.Kept {
	t.Helper()
	kept, err := r.inbox.Kept(t.Context())
	require.NoError(t, err)
	return kept
}

func TestTurns(t *testing.T) {
	t.Run("the next is applied, one known changes nothing", func(t *testing.T) {
		r := newReader(t, inbox.Options{})
		one, two := letter(t, "a", 1), letter(t, "a", 2)
		r.gets(t, one, one, two, one, two)
		require.Equal(t, []string{"a1", "a2"}, r.hasRead())
		require.Zero(t, r.kept(t))
	})

	t.Run("early ones wait and follow at once", func(t *testing.T) {
		r := newReader(t, inbox.Options{})
		r.gets(t, letter(t, "a", 3), letter(t, "a", 2), letter(t, "b", 1), letter(t, "a", 3))
		require.Equal(t, []string{"b1"}, r.hasRead())
		require.Equal(t, inbox.Kept{Waiting: 2}, r.kept(t))
		r.gets(t, letter(t, "a", 1))
		require.Equal(t, []string{"b1", "a1", "a2", "a3"}, r.hasRead())
		require.Zero(t, r.kept(t))
	})

	t.Run("one that is a moment early is called, and not kept", func(t *testing.T) {
		r := newReader(t, inbox.Options{Patience: []time.Duration{time.Hour}})
		said := make(chan error, 3)
		for _, n := range []int{2, 3, 3} {
			go func() { _, err := r.receive(letter(t, "a", n)); said <- err }()
		}
		r.early(t, 3)
		r.gets(t, letter(t, "b", 1), letter(t, "a", 1))
		for range cap(said) {
			require.NoError(t, answer(t, said))
		}
		require.ElementsMatch(t, []string{"b1", "a1", "a2", "a3"}, r.hasRead())
		require.Zero(t, r.measured(t, "pangaea_inbox_waited_total"))
		require.Zero(t, r.measured(t, "pangaea_inbox_early"))
	})

	t.Run("one whose predecessor another process has is not kept", func(t *testing.T) {
		r := newReader(t, inbox.Options{Patience: slices.Repeat([]time.Duration{5 * time.Millisecond}, 10_000)})
		said := make(chan error, 1)
		go func() { _, err := r.receive(letter(t, "a", 2)); said <- err }()
		r.early(t, 1)
		other := inbox.New(r.db, inbox.Options{})
		_, err := other.Middleware(func(*message.Message) ([]*message.Message, error) { return nil, nil })(letter(t, "a", 1))
		require.NoError(t, err)
		require.NoError(t, answer(t, said))
		require.Equal(t, []string{"a2"}, r.hasRead())
		require.Zero(t, r.measured(t, "pangaea_inbox_waited_total"))
	})

	t.Run("one that is early is kept where its predecessor does not come", func(t *testing.T) {
		r := newReader(t, inbox.Options{Patience: []time.Duration{time.Millisecond, time.Millisecond}})
		r.gets(t, letter(t, "a", 2))
		require.Equal(t, inbox.Kept{Waiting: 1}, r.kept(t))
	})

	t.Run("one that is early does not wait any longer when its time is over", func(t *testing.T) {
		r := newReader(t, inbox.Options{Patience: []time.Duration{time.Hour}})
		ctx, cancel := context.WithCancel(t.Context())
		m := letter(t, "a", 2)
		m.SetContext(ctx)
		said := make(chan error, 1)
		go func() { _, err := r.receive(m); said <- err }()
		r.early(t, 1)
		cancel()
		require.Error(t, answer(t, said), "it is not acknowledged")
		require.Zero(t, r.kept(t))
	})

	t.Run("one whose predecessor others wait for is kept at once", func(t *testing.T) {
		r := newReader(t, inbox.Options{Patience: []time.Duration{time.Millisecond}})
		r.gets(t, letter(t, "a", 3))
		r.inbox = inbox.New(r.db, inbox.Options{Patience: []time.Duration{time.Hour}})
		receive := r.inbox.Middleware(func(*message.Message) ([]*message.Message, error) { return nil, nil })
		said := make(chan error, 1)
		go func() { _, err := receive(letter(t, "a", 2)); said <- err }()
		require.NoError(t, answer(t, said))
		require.Equal(t, inbox.Kept{Waiting: 2}, r.kept(t))
	})

	t.Run("a gap that is filled in part", func(t *testing.T) {
		r := newReader(t, inbox.Options{})
		r.gets(t, letter(t, "a", 1), letter(t, "a", 5), letter(t, "a", 3), letter(t, "a", 2))
		require.Equal(t, []string{"a1", "a2", "a3"}, r.hasRead())
		r.gets(t, letter(t, "a", 4), letter(t, "a", 6))
		require.Equal(t, []string{"a1", "a2", "a3", "a4", "a5", "a6"}, r.hasRead())
	})
}

func TestFailures(t *testing.T) {
	busy := errors.New("busy")

	t.Run("a failed message comes back by itself, and again when it is sent again", func(t *testing.T) {
		r := newReader(t, inbox.Options{Backoff: func(int) time.Duration { return time.Hour }})
		r.fail = func(string, string) error { return busy }
		one := letter(t, "a", 1)
		r.gets(t, one, one, letter(t, "a", 2))
		require.Empty(t, r.hasRead())
		require.Equal(t, inbox.Kept{Retrying: 1, Waiting: 1}, r.kept(t))

		r.fail = nil
		require.NoError(t, r.inbox.Start(t.Context()))
		list, err := r.inbox.Letters(t.Context(), inbox.LetterFilter{})
		require.NoError(t, err)
		require.Equal(t, 1, list[0].Attempts, "sending it again is no attempt")
		require.NoError(t, r.inbox.Retry(t.Context(), list[0].ID))
		require.Eventually(t, func() bool { return r.kept(t) == inbox.Kept{} }, 30*time.Second, time.Millisecond)
		require.NoError(t, r.inbox.Stop(t.Context()))
		require.Equal(t, []string{"a1", "a2"}, r.hasRead())
	})

	t.Run("a hopeless one is parked at once", func(t *testing.T) {
		r := newReader(t, inbox.Options{})
		r.fail = func(string, string) error { return inbox.Hopeless(busy) }
		r.gets(t, letter(t, "a", 1), letter(t, "a", 2))
		require.Equal(t, inbox.Kept{Parked: 1, Behind: 1}, r.kept(t))
	})

	t.Run("a handler that returns messages is told to use the outbox", func(t *testing.T) {
		db := databasetest.Open(t, "cat", nil)
		in := inbox.New(db, inbox.Options{})
		receive := in.Middleware(func(m *message.Message) ([]*message.Message, error) { return []*message.Message{m}, nil })
		_, err := receive(letter(t, "a", 1))
		require.NoError(t, err)
		list, err := in.Letters(t.Context(), inbox.LetterFilter{State: inbox.Parked})
		require.NoError(t, err)
		require.Contains(t, list[0].Error, "announce events with the outbox")
	})

	t.Run("an error that cannot be compared is a failure as well", func(t *testing.T) {
		r := newReader(t, inbox.Options{})
		r.fail = func(string, string) error { return manyErrors{busy, busy} }
		r.gets(t, letter(t, "a", 1))
		require.Equal(t, inbox.Kept{Retrying: 1}, r.kept(t))
	})

	t.Run("trouble of the database is nobody's attempt", func(t *testing.T) {
		r := newReader(t, inbox.Options{})
		one := letter(t, "a", 1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		one.SetContext(ctx)
		_, err := r.receive(one)
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, r.kept(t))
	})
}

type manyErrors []error

func (e manyErrors) Error() string { return "many" }

func TestStragglersAreFoundAtTheStart(t *testing.T) {
	r := newReader(t, inbox.Options{})
	r.gets(t, letter(t, "a", 2), letter(t, "b", 1))
	// as if the process had ended after "a1" was applied and before "a2" was
	require.NoError(t, r.db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("inbox_lanes").Where("event_key = ?", "a").Update("last_n", 1).Error
	}))
	require.NoError(t, r.inbox.Start(t.Context()))
	require.Eventually(t, func() bool { return r.kept(t) == inbox.Kept{} }, 30*time.Second, time.Millisecond)
	require.NoError(t, r.inbox.Stop(t.Context()))
	require.Equal(t, []string{"b1", "a2"}, r.hasRead())
}
