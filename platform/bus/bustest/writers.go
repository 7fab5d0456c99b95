package bustest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// maxEvents is how many events one unit of work of a flood announces at most.
const maxEvents = 9

// announce has all writers announce so many events at a pace, while relays die so often.
func (f *flood) announce(events int, pace rate.Limit, deaths int) {
	left, limit, done := &atomic.Int64{}, rate.NewLimiter(pace, maxEvents), make(chan struct{})
	left.Store(int64(events))
	before := f.committed.Load()
	var writers sync.WaitGroup
	for n := range floodWriters {
		writers.Go(func() { f.writeOn(f.sources[n%len(f.sources)], left, limit) })
	}
	go func() {
		writers.Wait()
		close(done)
	}()
	for died := 0; ; {
		select {
		case <-done:
			if died == deaths {
				return
			}
		case <-time.After(10 * time.Millisecond):
		}
		if died < deaths && f.committed.Load()-before >= int64(events*(died+1)/(deaths+1)) {
			s := f.sources[died%len(f.sources)]
			s.die()
			s.speak()
			died++
			f.deaths++
		}
	}
}

// timed marks an event whose time is taken: the last one of a unit of work.
const timed = "timed"

var errUndone = errors.New("rolled back on purpose")

// writeOn announces a few events of one key with each unit of work, until none are left. The first one is undone once, and
// so are a few others.
func (f *flood) writeOn(source *module, left *atomic.Int64, limit *rate.Limiter) {
	for first := true; ; first = false {
		want := 1 + rand.Int64N(maxEvents)
		some := min(want, want+left.Add(-want))
		if some <= 0 {
			return
		}
		require.NoError(f, limit.WaitN(context.Background(), int(some)))
		for undo := first || rand.IntN(100) < 2; !f.write(source, f.keys[rand.IntN(len(f.keys))], int(some), undo); undo = false {
			f.undone.Add(1)
		}
		f.committed.Add(some)
	}
}

// write reports whether the unit of work was committed.
func (f *flood) write(source *module, key string, n int, undo bool) bool {
	last := 0
	err := source.db.Do(context.Background(), func(ctx context.Context, tx *gorm.DB) error {
		if err := tx.Exec("UPDATE versions SET version = version + ? WHERE event_key = ?", n, key).Error; err != nil {
			return err
		}
		if err := tx.Raw("SELECT version FROM versions WHERE event_key = ?", key).Scan(&last).Error; err != nil {
			return err
		}
		for version := last - n + 1; version <= last; version++ {
			e := happened{Key: key, Version: version}
			if version == last && f.timing.Load() {
				e.Note = timed
			}
			if err := source.outbox.Add(ctx, e); err != nil {
				return err
			}
		}
		time.Sleep(rand.N(5 * time.Millisecond))
		if undo {
			return errUndone
		}
		return nil
	})
	if errors.Is(err, errUndone) || fault.Is(err, fault.Unavailable) { // which asks for another try
		return false
	}
	if err != nil {
		f.Errorf("an event cannot be announced: %v", err)
	}
	if f.timing.Load() {
		f.lags.committed(key, last)
	}
	return true
}
