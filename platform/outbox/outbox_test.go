package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

type opened struct {
	Door string `json:"door"`
	Time int    `json:"time"`
}

func (opened) EventName() string  { return "house.Opened" }
func (e opened) EventKey() string { return e.Door }

var heardByTwo = outbox.Manifest{"house.Opened": {"cat", "dog"}}

// tell announces events in one unit of work.
func tell(t *testing.T, db *database.DB, box *outbox.Outbox, events ...outbox.Event) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error { return box.Add(ctx, events...) }))
}

// A post box takes what is published, and refuses on demand.
type postBox struct {
	mu     sync.Mutex
	got    map[string][]string // "key/number", by destination
	refuse func(dest string) error
	tries  map[string]int
}

func newPostBox() *postBox { return &postBox{got: map[string][]string{}, tries: map[string]int{}} }

func (p *postBox) Publish(dest string, messages ...*message.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries[dest]++
	if p.refuse != nil {
		if err := p.refuse(dest); err != nil {
			return err
		}
	}
	for _, m := range messages {
		p.got[dest] = append(p.got[dest], m.Metadata[envelope.Subject]+"/"+m.Metadata[envelope.Number])
	}
	return nil
}

func (p *postBox) Close() error { return nil }

func (p *postBox) has(dest string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.got[dest]...)
}

func start(t *testing.T, box *outbox.Outbox, to message.Publisher) *outbox.Relay {
	relay := outbox.NewRelay(box, to, outbox.RelayOptions{Poll: 10 * time.Millisecond})
	require.NoError(t, relay.Start(t.Context()))
	return relay
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, time.Minute, 2*time.Millisecond)
}

func atRest(t *testing.T, box *outbox.Outbox) func() bool {
	return func() bool {
		backlog, err := box.Backlog(t.Context())
		require.NoError(t, err)
		return len(backlog) == 0
	}
}

func TestAdd(t *testing.T) {
	t.Run("outside a unit of work is an error", func(t *testing.T) {
		box := outbox.New(databasetest.Open(t, "house", nil), heardByTwo)
		require.True(t, fault.Is(box.Add(t.Context(), opened{Door: "front"}), fault.Internal))
	})

	t.Run("in another module's unit of work is an error", func(t *testing.T) {
		box, other := outbox.New(databasetest.Open(t, "house", nil), heardByTwo), databasetest.Open(t, "garden", nil)
		err := other.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error { return box.Add(ctx, opened{Door: "front"}) })
		require.ErrorContains(t, err, "events of house outside a unit of work")
	})

	t.Run("an event needs a key", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box := outbox.New(db, heardByTwo)
		err := db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error { return box.Add(ctx, opened{}) })
		require.ErrorContains(t, err, "no key")
	})

	t.Run("thousands at once are within the limits of a statement", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box := outbox.New(db, heardByTwo)
		var events []outbox.Event
		for n := range 9000 {
			events = append(events, opened{Door: strconv.Itoa(n % 3000)})
		}
		tell(t, db, box, events...)
		backlog, err := box.Backlog(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 18000, backlog[0].Pending+backlog[1].Pending)
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	box, to := outbox.New(db, heardByTwo), newPostBox()
	no := errors.New("no")
	var writers sync.WaitGroup
	for w := range 16 {
		writers.Go(func() {
			for n := range 20 {
				err := db.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error {
					if err := box.Add(ctx, opened{Door: "front"}, opened{Door: fmt.Sprint(w % 4)}, opened{Door: "front"}); err != nil {
						return err
					}
					if n%5 == 4 {
						return no // numbers taken and given back
					}
					return nil
				})
				require.True(t, err == nil || errors.Is(err, no), err)
			}
		})
	}
	writers.Wait()
	relay := start(t, box, to)
	eventually(t, atRest(t, box))
	require.NoError(t, relay.Stop(t.Context()))

	for _, dest := range []string{"cat", "dog"} {
		want := []string{}
		for n := range 16 * 16 * 2 {
			want = append(want, fmt.Sprintf("front/%d", n+1))
		}
		for door := range 4 {
			for n := range 4 * 16 {
				want = append(want, fmt.Sprintf("%d/%d", door, n+1))
			}
		}
		require.ElementsMatch(t, want, to.has(dest))
	}
}

func TestRelay(t *testing.T) {
	t.Run("a lane is published in order, one delivery at a time", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box, to := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}}), newPostBox()
		relay := start(t, box, to)
		var want []string
		for n := range 100 {
			tell(t, db, box, opened{Door: "front"})
			want = append(want, fmt.Sprintf("front/%d", n+1))
		}
		eventually(t, atRest(t, box))
		require.NoError(t, relay.Stop(t.Context()))
		require.Equal(t, want, to.has("cat"))
	})

	t.Run("what is offered before the table was read waits for what is older", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box, to := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}}), newPostBox()
		tell(t, db, box, opened{Door: "front"})
		tell(t, db, box, opened{Door: "front"})
		var second string
		require.NoError(t, db.Query(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Table("outbox_deliveries").Where("n = 2").Select("event_id").Take(&second).Error
		}))
		m := message.NewMessage(second, nil)
		m.Metadata[envelope.Subject] = "front"
		relay := outbox.NewRelay(box, to, outbox.RelayOptions{})
		relay.Offer("cat", "front", 2, m)
		require.NoError(t, relay.Start(t.Context()))
		eventually(t, atRest(t, box))
		require.NoError(t, relay.Stop(t.Context()))
		require.Equal(t, []string{"front/1", "front/2"}, to.has("cat"))
	})

	t.Run("what is offered long after its commit is not delivered again", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box, to := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}}), newPostBox()
		var first atomic.Pointer[message.Message]
		relay := start(t, box, publisherFunc(func(m *message.Message) error {
			first.CompareAndSwap(nil, m)
			return to.Publish("cat", m)
		}))
		tell(t, db, box, opened{Door: "front"})
		eventually(t, func() bool { return first.Load() != nil && relay.Remembers("cat") == 0 })
		relay.Offer("cat", "front", 1, first.Load())
		tell(t, db, box, opened{Door: "front"})
		eventually(t, atRest(t, box))
		require.NoError(t, relay.Stop(t.Context()))
		require.Equal(t, []string{"front/1", "front/2"}, to.has("cat"))
	})

	t.Run("a destination that is gone is tried now and then, and delays no other", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box, to := outbox.New(db, heardByTwo), newPostBox()
		gone := true
		to.refuse = func(dest string) error {
			if gone && dest == "dog" {
				return errors.New("not at home")
			}
			return nil
		}
		relay, began := start(t, box, to), time.Now()
		for n := 0; n < 2000; n += 50 { // more than memory takes
			doors := make([]outbox.Event, 50)
			for i := range doors {
				doors[i] = opened{Door: strconv.Itoa(n + i)}
			}
			tell(t, db, box, doors...)
		}
		eventually(t, func() bool { return len(to.has("cat")) == 2000 })
		to.mu.Lock()
		require.Less(t, float64(to.tries["dog"]), 100+10*time.Since(began).Seconds(), "a hot loop")
		gone = false
		to.mu.Unlock()
		eventually(t, atRest(t, box))
		require.NoError(t, relay.Stop(t.Context()))
		require.Len(t, to.has("dog"), 2000)
	})

	for name, c := range map[string]struct {
		patience time.Duration
		says     error
	}{
		"at once where there is no time": {0, context.DeadlineExceeded},
		"in time for others to stop":     {30 * time.Second, nil},
	} {
		t.Run("stopping gives up what hangs, and keeps it: "+name, func(t *testing.T) {
			db := databasetest.Open(t, "house", nil)
			box := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}})
			hangs := make(chan struct{})
			relay := start(t, box, publisherFunc(func(m *message.Message) error {
				close(hangs)
				<-m.Context().Done()
				return m.Context().Err()
			}))
			tell(t, db, box, opened{Door: "front"})
			<-hangs
			ctx, cancel := context.WithTimeout(t.Context(), c.patience)
			defer cancel()
			require.ErrorIs(t, relay.Stop(ctx), c.says)
			require.False(t, atRest(t, box)())
		})
	}

	t.Run("what another process addresses is found", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box, to := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}}), newPostBox()
		relay := start(t, box, to)
		tell(t, db, outbox.New(db, heardByTwo), opened{Door: "front"})
		eventually(t, func() bool { return len(to.has("dog")) == 1 && len(to.has("cat")) == 1 })
		require.NoError(t, relay.Stop(t.Context()))
	})

	t.Run("and so it is while others are on their way", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		onlyCat := outbox.Manifest{"house.Opened": {"cat"}}
		box, got := outbox.New(db, onlyCat), make(chan string, 3)
		mayArrive := make(chan struct{})
		relay := start(t, box, publisherFunc(func(m *message.Message) error {
			if key := m.Metadata[envelope.Subject]; key != "garden" {
				<-mayArrive
			}
			got <- m.Metadata[envelope.Subject]
			return nil
		}))
		tell(t, db, box, opened{Door: "front"}, opened{Door: "back"})
		tell(t, db, outbox.New(db, onlyCat), opened{Door: "garden"})
		require.Equal(t, "garden", <-got)
		close(mayArrive)
		eventually(t, atRest(t, box))
		require.NoError(t, relay.Stop(t.Context()))
	})
}

func TestAKeyDelaysNoOther(t *testing.T) {
	onlyCat := outbox.Manifest{"house.Opened": {"cat"}}
	others := func(day int) (events []outbox.Event, arrived []string) {
		for n := range 10 {
			door := fmt.Sprintf("other %d", n)
			events, arrived = append(events, opened{Door: door}), append(arrived, fmt.Sprintf("%s/%d", door, day))
		}
		return events, arrived
	}

	t.Run("when it cannot be delivered", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box, to := outbox.New(db, onlyCat), newPostBox()
		var opens atomic.Bool
		picky := publisherFunc(func(m *message.Message) error {
			if m.Metadata[envelope.Subject] == "jammed" && !opens.Load() {
				return errors.New("it jams")
			}
			return to.Publish("cat", m)
		})
		var jammed []string
		jam := func(n int) {
			for range n {
				tell(t, db, box, opened{Door: "jammed"})
				jammed = append(jammed, fmt.Sprintf("jammed/%d", len(jammed)+1))
			}
		}
		relay := start(t, box, picky)
		jam(70) // more than memory takes of a key
		events, want := others(1)
		tell(t, db, box, events...)
		eventually(t, func() bool { return len(to.has("cat")) == 10 })
		jam(70)
		tell(t, db, outbox.New(db, onlyCat), events...) // known from the table alone
		eventually(t, func() bool { return len(to.has("cat")) == 20 })
		require.NoError(t, relay.Stop(t.Context()))

		relay = start(t, box, picky)
		jam(70)
		events, _ = others(3)
		tell(t, db, box, events...)
		eventually(t, func() bool { return len(to.has("cat")) == 30 })
		require.Subset(t, to.has("cat"), want)
		opens.Store(true)
		eventually(t, atRest(t, box))
		require.NoError(t, relay.Stop(t.Context()))
		require.Equal(t, jammed, slices.DeleteFunc(to.has("cat"), func(got string) bool { return strings.HasPrefix(got, "other") }))
	})

	t.Run("when there is very much of it", func(t *testing.T) {
		db := databasetest.Open(t, "house", nil)
		box, to := outbox.New(db, onlyCat), newPostBox()
		for range 14 {
			busy := make([]outbox.Event, 5000)
			for n := range busy {
				busy[n] = opened{Door: "busy"}
			}
			tell(t, db, box, busy...)
		}
		events, want := others(1)
		tell(t, db, box, events...)
		relay := start(t, box, publisherFunc(func(m *message.Message) error {
			if m.Metadata[envelope.Subject] == "busy" {
				<-m.Context().Done()
				return m.Context().Err()
			}
			return to.Publish("cat", m)
		}))
		eventually(t, func() bool { return len(to.has("cat")) == 10 })
		require.ElementsMatch(t, want, to.has("cat"))
		atOnce, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, relay.Stop(atOnce), context.Canceled)
	})
}

type publisherFunc func(*message.Message) error

func (f publisherFunc) Publish(_ string, messages ...*message.Message) error { return f(messages[0]) }
func (f publisherFunc) Close() error                                         { return nil }

func TestKeptEvents(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	alone := outbox.New(db, nil)
	for n := range 450 { // more than one step
		tell(t, db, alone, opened{Door: strconv.Itoa(n % 7), Time: n})
	}
	later := time.Now()
	box, to := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}}), newPostBox()

	n, err := box.Replay(t.Context(), "cat", outbox.Filter{Since: later})
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = box.Replay(t.Context(), "cat", outbox.Filter{Names: []string{"house.Burnt"}})
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = box.Replay(t.Context(), "cat", outbox.Filter{})
	require.NoError(t, err)
	require.Equal(t, 450, n)

	ended, end := context.WithCancel(t.Context())
	end()
	purged, err := box.Purge(ended, time.Now())
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, purged, "who stops begins with nothing")
	purged, err = box.Purge(t.Context(), time.Now())
	require.NoError(t, err)
	require.Zero(t, purged, "what is still to be delivered is kept")
	relay := start(t, box, to)
	eventually(t, atRest(t, box))
	require.NoError(t, relay.Stop(t.Context()))
	require.Len(t, to.has("cat"), 450)
	purged, err = box.Purge(t.Context(), later)
	require.NoError(t, err)
	require.Equal(t, 450, purged)
}

func TestManifest(t *testing.T) {
	m := outbox.Manifest{}
	m.Hear("dog", "house.Opened", "house.Closed")
	m.Hear("cat", "house.Opened")
	m.Hear("cat", "house.Opened")
	require.Equal(t, outbox.Manifest{"house.Opened": {"cat", "dog"}, "house.Closed": {"dog"}}, m)
	require.Equal(t, []string{"house.Closed", "house.Opened"}, m.HeardBy("dog"))

	parsed, err := outbox.ParseManifest([]byte(`{"house.Opened":["cat"]}`))
	require.NoError(t, err)
	require.Equal(t, []string{"house.Opened"}, parsed.HeardBy("cat"))
	_, err = outbox.ParseManifest([]byte(`[]`))
	require.Error(t, err)
}
