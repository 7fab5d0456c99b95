package bustest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A Town hears a tower, over a carrier that a test does things to.
type Town struct {
	Patience   time.Duration // how long is waited for what should happen at once; a minute
	t          *testing.T
	publisher  message.Publisher
	subscriber message.Subscriber

	mu    sync.Mutex
	heard []*message.Message
	ids   map[string]bool // of those
	said  map[string]bool // by the tower, though not all may have been confirmed
}

// NewTown makes a town that hears with a subscriber what the tower says with a publisher.
func NewTown(t *testing.T, publisher message.Publisher, subscriber message.Subscriber) *Town {
	return &Town{Patience: time.Minute, t: t, publisher: publisher, subscriber: subscriber, ids: map[string]bool{}, said: map[string]bool{}}
}

// Listens has the town hear, and answer as told.
func (w *Town) Listens(answer func(*message.Message) bool) {
	w.t.Helper()
	messages, err := w.subscriber.Subscribe(w.t.Context(), "town")
	require.NoError(w.t, err)
	go func() {
		for m := range messages {
			w.mu.Lock()
			w.heard = append(w.heard, m)
			w.ids[m.UUID] = true
			w.mu.Unlock()
			if answer(m) {
				m.Ack()
			} else {
				m.Nack()
			}
		}
	}()
}

// Acknowledge answers that a message was handled.
func Acknowledge(*message.Message) bool { return true }

// count is how many messages were heard, also again.
func (w *Town) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.heard)
}

// HeardOnly sees that these are what was heard, each once or more often, and nothing else.
func (w *Town) HeardOnly(said ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Equal(w.t, slices.Sorted(slices.Values(said)), slices.Sorted(maps.Keys(w.ids)))
}

// Says has the tower say something.
func (w *Town) Says(id string) error {
	w.mu.Lock()
	w.said[id] = true
	w.mu.Unlock()
	m := message.NewMessage(id, []byte("ding "+id))
	m.Metadata = message.Metadata{envelope.Source: "tower", "bell": id}
	return w.publisher.Publish("town", m)
}

// Insists says something until it is confirmed, and returns how often it was not.
func (w *Town) Insists(id string) (failures int) {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for ; w.Says(id) != nil && w.t.Context().Err() == nil; failures++ {
		<-again.C
	}
	return failures
}

// Hears waits until all of these are heard.
func (w *Town) Hears(said ...string) {
	w.t.Helper()
	next := 0 // of those said that is not known to be heard
	heard := func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		for next < len(said) && w.ids[said[next]] {
			next++
		}
		return next == len(said)
	}
	if !assert.Eventually(w.t, heard, w.Patience, 5*time.Millisecond) {
		missing := w.missing(said)
		require.FailNowf(w.t, "messages are lost", "%d of %d messages that were confirmed are lost, such as %s", len(missing), len(said), missing[0])
	}
}

// missing are those that were not heard.
func (w *Town) missing(said []string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(said), func(id string) bool { return w.ids[id] })
}

// HearsOn waits until so many more are heard, also again.
func (w *Town) HearsOn(n int) {
	w.t.Helper()
	before := w.count()
	w.Eventually(func() bool { return w.count() >= before+n }, "nothing is heard any more")
}

// Eventually waits for a condition.
func (w *Town) Eventually(condition func() bool, message string, args ...any) {
	w.t.Helper()
	require.Eventuallyf(w.t, condition, w.Patience, 5*time.Millisecond, message, args...)
}

// IsRefused has the town refuse a message so many times: it comes again, as it was said.
func (w *Town) IsRefused(times int) {
	w.t.Helper()
	var heard atomic.Int64
	w.Listens(func(*message.Message) bool { return heard.Add(1) > int64(times) })
	require.NoError(w.t, w.Says("stubborn"))
	w.Eventually(func() bool { return w.count() == times+1 }, "it does not come %d times", times+1)
	w.HeardOnly("stubborn")
	w.HeardNoPhantom()
}

// GetsThrough has many speak while something goes on: nothing that was confirmed is lost for it, and nothing is heard
// that nobody said.
func (w *Town) GetsThrough(trouble func()) {
	w.t.Helper()
	said, failures := w.chatters(trouble)
	require.Positive(w.t, failures, "the trouble disturbed nobody")
	w.Hears(said...)
	w.HeardNoPhantom()
}

// ComesBack has what the town hears through deleted in turn, so many times: it comes back, what is confirmed meanwhile
// is heard, and nothing is that nobody said.
func (w *Town) ComesBack(times int, deletions ...func() error) {
	w.t.Helper()
	defer w.HeardNoPhantom() // also when something is lost
	w.Listens(Acknowledge)
	said := []string{"before"}
	w.Insists("before")
	w.Hears("before")
	failures := 0
	for round := range times * len(deletions) {
		_ = deletions[round%len(deletions)]() // what is not there yet again is as good as deleted
		for n := range 10 {
			id := fmt.Sprintf("%03d-%d", round, n)
			failures += w.Insists(id)
			said = append(said, id)
		}
		w.Hears(said...)
	}
	require.Positive(w.t, failures, "no deletion disturbed anybody")
}

// IsInterrupted has the town work on something during a cut: it comes again meanwhile, and until somebody has done it,
// and what was answered too late counts for nothing else.
func (w *Town) IsInterrupted(cut func()) {
	w.t.Helper()
	messages, err := w.subscriber.Subscribe(w.t.Context(), "town")
	require.NoError(w.t, err)
	next := func() *message.Message {
		w.t.Helper()
		select {
		case m := <-messages:
			return m
		case <-time.After(w.Patience):
			require.FailNow(w.t, "nothing comes")
			return nil
		}
	}
	w.Insists("work")
	inWork := next()
	cut()
	again := next()
	require.Equal(w.t, "work", again.UUID)
	inWork.Nack()
	again.Nack()
	done := next()
	require.Equal(w.t, "work", done.UUID)
	done.Ack()
	w.Insists("more")
	require.Equal(w.t, "more", next().UUID, "what was done comes again")
}

// HeardNoPhantom sees that every message heard, also again, is one that was said, as it was said.
func (w *Town) HeardNoPhantom() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.heard {
		if !w.said[m.UUID] || string(m.Payload) != "ding "+m.UUID || m.Metadata[envelope.Source] != "tower" || m.Metadata["bell"] != m.UUID {
			assert.Failf(w.t, "a phantom is heard", "nobody said %q: %q %v", m.UUID, m.Payload, m.Metadata)
			return
		}
	}
}

// chatters has many speak meanwhile, and returns what was confirmed, and how often something was not.
func (w *Town) chatters(meanwhile func()) (said []string, failures int) {
	var mu sync.Mutex
	var speakers sync.WaitGroup
	over, end := context.WithCancel(w.t.Context())
	defer end()
	for speaker := range 16 {
		speakers.Go(func() {
			pace := time.NewTicker(2 * time.Millisecond)
			defer pace.Stop()
			for n := 0; over.Err() == nil; n++ {
				<-pace.C
				id := fmt.Sprintf("%02d-%06d", speaker, n)
				failed := w.Insists(id)
				mu.Lock()
				said, failures = append(said, id), failures+failed
				mu.Unlock()
			}
		})
	}
	meanwhile()
	end()
	speakers.Wait()
	return said, failures
}
