package bustest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A Town hears a tower, over a carrier that a test does things to.
type Town struct {
	t          *testing.T
	publisher  message.Publisher
	subscriber message.Subscriber

	mu    sync.Mutex
	heard []*message.Message
	ids   map[string]bool // of those
}

// NewTown makes a town that hears with a subscriber what the tower says with a publisher.
func NewTown(t *testing.T, publisher message.Publisher, subscriber message.Subscriber) *Town {
	return &Town{t: t, publisher: publisher, subscriber: subscriber, ids: map[string]bool{}}
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

// Heard is how many messages were heard, also again, and how many different ones.
func (w *Town) Heard() (all, different int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.heard), len(w.ids)
}

// IDs are those of the messages heard, sorted, each once.
func (w *Town) IDs() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.ids))
}

// Says has the tower say something.
func (w *Town) Says(id string) error {
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

// Hears waits until so many different messages are heard.
func (w *Town) Hears(n int) {
	w.t.Helper()
	w.Eventually(func() bool { _, different := w.Heard(); return different >= n }, "not %d messages are heard", n)
}

// HearsOn waits until so many more are heard, also again.
func (w *Town) HearsOn(n int) {
	w.t.Helper()
	before, _ := w.Heard()
	w.Eventually(func() bool { all, _ := w.Heard(); return all >= before+n }, "nothing is heard any more")
}

// Eventually waits for a condition.
func (w *Town) Eventually(condition func() bool, message string, args ...any) {
	w.t.Helper()
	require.Eventuallyf(w.t, condition, time.Minute, 5*time.Millisecond, message, args...)
}

// GetsThrough has many speak while something goes on: nothing that was confirmed is lost for it, and nothing is heard
// that nobody said.
func (w *Town) GetsThrough(trouble func()) {
	w.t.Helper()
	said := w.IDs() // before
	spoken, failures := w.chatters(trouble)
	said = append(said, spoken...)
	slices.Sort(said)
	require.Positive(w.t, failures, "the trouble disturbed nobody")
	w.Hears(len(said))
	require.Equal(w.t, said, w.IDs())
	w.HeardNoPhantom()
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
		case <-time.After(time.Minute):
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

// HeardNoPhantom sees that every message heard, also again, is as it was said.
func (w *Town) HeardNoPhantom() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.heard {
		require.NotEmpty(w.t, m.UUID)
		require.Equal(w.t, "ding "+m.UUID, string(m.Payload))
		require.Equal(w.t, "tower", m.Metadata[envelope.Source])
		require.Equal(w.t, m.UUID, m.Metadata["bell"])
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
			for n := 0; over.Err() == nil; n++ {
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
