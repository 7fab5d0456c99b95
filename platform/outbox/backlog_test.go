package outbox_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
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

	back := time.Now()
	catIsOut.Store(false)
	eventually(t, atRest(t, box))
	tell(t, db, box, opened{Door: "front"})
	catIsOut.Store(true)
	tell(t, db, box, opened{Door: "back"}, opened{Door: "front"})
	eventually(t, func() bool {
		delays, err := relay.Delays(t.Context(), 0)
		return err == nil && len(delays) == 1 && delays[0].Moved.After(back)
	})
	catIsOut.Store(false)
	eventually(t, atRest(t, box))
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
