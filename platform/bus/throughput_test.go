package bus_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A stage is a source and a destination on two database files. The handler writes nothing but the
// inbox's row, and tells heard once that is committed.
type stage struct {
	source *database.DB
	box    *outbox.Outbox
}

func newStage(b *testing.B, heard func()) stage {
	manifest := outbox.Manifest{"tower.Rang": {"town"}}
	tower, town, carrier := databasetest.Open(b, "tower", nil), databasetest.Open(b, "town", nil), bus.NewDirect()
	events := bus.NewEvents("town", carrier, inbox.New(town, inbox.Options{}), manifest)
	require.NoError(b, events.Listen(bus.On(func(ctx context.Context, _ *rang) error {
		database.AfterCommit(ctx, heard)
		return nil
	})))
	require.NoError(b, events.Start(b.Context()))
	box := outbox.New(tower, manifest)
	relay := outbox.NewRelay(box, carrier, outbox.RelayOptions{})
	require.NoError(b, relay.Start(b.Context()))
	b.Cleanup(func() {
		require.NoError(b, relay.Stop(context.Background()))
		require.NoError(b, events.Stop(context.Background()))
		require.NoError(b, carrier.Close())
	})
	return stage{tower, box}
}

func (s stage) ring(bell string) error {
	return s.source.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error {
		return s.box.Add(ctx, rang{Bell: bell})
	})
}

// BenchmarkDeliveries measures from commit to commit with 64 writers that each have a key of their own.
func BenchmarkDeliveries(b *testing.B) {
	all, heard, left := make(chan struct{}), atomic.Int64{}, atomic.Int64{}
	left.Store(int64(b.N))
	s := newStage(b, func() {
		if heard.Add(1) == int64(b.N) {
			close(all)
		}
	})
	b.ResetTimer()
	for n := range 64 {
		go func() {
			for left.Add(-1) >= 0 {
				require.NoError(b, s.ring(fmt.Sprintf("bell-%d", n)))
			}
		}()
	}
	<-all
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

// BenchmarkOneDelivery measures from a commit to the handler's with nothing else to do.
func BenchmarkOneDelivery(b *testing.B) {
	heard := make(chan struct{})
	s := newStage(b, func() { heard <- struct{}{} })
	var waits []time.Duration
	for b.Loop() {
		require.NoError(b, s.ring("bell"))
		committed := time.Now()
		<-heard
		waits = append(waits, time.Since(committed))
	}
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "µs-p50")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds()), "µs-p99")
}
