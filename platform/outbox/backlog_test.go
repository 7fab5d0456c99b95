package outbox_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

func TestWhoIsKeptWaiting(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	box, post := outbox.New(db, heardByTwo), newPostBox()
	var catIsOut atomic.Bool
	catIsOut.Store(true)
	post.refuse = func(dest string) error {
		if dest == "cat" && catIsOut.Load() {
			return errors.New("the cat is out")
		}
		return nil
	}
	relay := start(t, box, post)
	t.Cleanup(func() { require.NoError(t, relay.Stop(context.Background())) })
	began := time.Now()
	tell(t, db, box, opened{Door: "front"})
	told := time.Now()
	tell(t, db, box, opened{Door: "back"})
	tell(t, db, box, opened{Door: "front"})
	eventually(t, func() bool { backlog, err := box.Backlog(t.Context()); return err == nil && len(backlog) == 1 })

	delays, err := relay.Delays(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, delays, 1, "the dog has everything")
	require.Equal(t, "cat", delays[0].Destination)
	require.EqualValues(t, 3, delays[0].Pending)
	require.WithinRange(t, delays[0].Oldest, began.Truncate(time.Microsecond), told, "the oldest, and no other")
	require.True(t, delays[0].Moved.Before(told), "the cat never got anything")
	delays, err = relay.Delays(t.Context(), time.Hour)
	require.NoError(t, err)
	require.Empty(t, delays, "and has not waited for so long")
	require.Equal(t, map[string]float64{"cat": 3, "dog": 0}, measured(t, relay, "pangaea_outbox_pending"))
	require.Zero(t, measured(t, relay, "pangaea_outbox_oldest_seconds")["dog"])
	require.Positive(t, measured(t, relay, "pangaea_outbox_oldest_seconds")["cat"])

	catIsOut.Store(false)
	eventually(t, atRest(t, box))
}

// Old events of a destination that gets others are a backlog, and what nobody has seen yet is not stuck.
func TestWhenADestinationMoved(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	box, post := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}}), newPostBox()
	cat := &picky{postBox: post, door: "back"}
	relay := start(t, box, cat)
	began := time.Now()
	t.Cleanup(func() { require.NoError(t, relay.Stop(context.Background())) })
	moved := func() time.Time {
		delays, err := relay.Delays(t.Context(), 0)
		require.NoError(t, err)
		require.Len(t, delays, 1)
		return delays[0].Moved
	}
	eventually(t, func() bool { return relay.Moved("cat").After(began) })

	left := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}}) // whose relay is gone
	tell(t, db, left, opened{Door: "back"})
	require.True(t, moved().After(began), "it is old, or might be, and the cat has not waited for it for so long")

	eventually(t, func() bool { return cat.refused.Load() > 0 })
	told := time.Now()
	tell(t, db, box, opened{Door: "front"})
	eventually(t, func() bool { return moved().After(told) })
	require.Equal(t, []string{"front/1"}, post.has("cat"))
}

// What cannot be read cannot be delivered, and a destination that gets nothing for that reason has not moved.
func TestADestinationThatCannotBeReadDoesNotMove(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	box := outbox.New(db, outbox.Manifest{"house.Opened": {"cat"}})
	tell(t, db, box, opened{Door: "front"})
	damage := func(metadata string) {
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE outbox_events SET metadata = ?", metadata).Error
		}))
	}
	var metadata string
	require.NoError(t, db.Query(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_events").Select("metadata").Take(&metadata).Error
	}))
	damage("{")
	relay := start(t, box, newPostBox())
	t.Cleanup(func() { require.NoError(t, relay.Stop(context.Background())) })

	eventually(t, func() bool {
		delays, err := relay.Delays(t.Context(), 0)
		require.NoError(t, err)
		return len(delays) == 1 && time.Since(delays[0].Moved) > time.Second // many looks
	})

	damage(metadata)
	eventually(t, atRest(t, box))
}

// picky is a post box that does not take what is about one door.
type picky struct {
	*postBox
	door    string
	refused atomic.Int64
}

func (p *picky) Publish(dest string, messages ...*message.Message) error {
	if messages[0].Metadata[envelope.Subject] == p.door {
		p.refused.Add(1)
		return errors.New("not that door")
	}
	return p.postBox.Publish(dest, messages...)
}

// measured is what Prometheus would be told, by destination.
func measured(t *testing.T, relay *outbox.Relay, name string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(relay)
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				values[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	return values
}

// BenchmarkBacklog measures what a look costs where 100,000 deliveries are pending.
func BenchmarkBacklog(b *testing.B) {
	db := databasetest.Open(b, "house", nil)
	box := outbox.New(db, heardByTwo)
	for range 10 {
		require.NoError(b, db.Do(b.Context(), func(ctx context.Context, _ *gorm.DB) error {
			events := make([]outbox.Event, 5000)
			for n := range events {
				events[n] = opened{Door: strconv.Itoa(n)}
			}
			return box.Add(ctx, events...)
		}))
	}
	for b.Loop() {
		backlog, err := box.Backlog(b.Context())
		require.NoError(b, err)
		require.Len(b, backlog, 2)
	}
}
