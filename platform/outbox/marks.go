package outbox

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// marks are deliveries that their destinations have and whose rows are to go.
type marks struct {
	more chan struct{}

	mu   sync.Mutex
	done map[string][]string // ids of events by destination
}

func (m *marks) add(x delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done == nil {
		m.done = map[string][]string{}
	}
	m.done[x.dest] = append(m.done[x.dest], x.message.UUID)
	nudge(m.more)
}

func (m *marks) collect() map[string][]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	done := m.done
	m.done = nil
	return done
}

// putBack returns what could not be settled.
func (m *marks) putBack(done map[string][]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for dest, ids := range m.done {
		done[dest] = append(done[dest], ids...)
	}
	m.done = done
}

// settleAfter is for how long deliveries come together, to be settled by one commit. Nobody waits for it.
const settleAfter = 20 * time.Millisecond

// mark settles whatever has come together in a moment.
func (r *Relay) mark() {
	failures := 0
	for {
		select {
		case <-r.marks.more:
		case <-r.quit:
			return
		}
		select {
		case <-time.After(settleAfter):
		case <-r.quit:
			return
		}
		if err := r.settle(context.Background()); err == nil {
			failures = 0
			continue
		} else if failures++; failures == suspicious {
			slog.Warn("delivered events cannot be marked and will be repeated", "module", r.outbox.db.Name(), "error", err)
		}
		select {
		case <-time.After(backoff(failures, 5*time.Millisecond, time.Second)):
			nudge(r.marks.more)
		case <-r.quit:
		}
	}
}

// settle deletes the rows of everything delivered, in one unit of work.
func (r *Relay) settle(ctx context.Context) error {
	done := r.marks.collect()
	if len(done) == 0 {
		return nil
	}
	err := r.outbox.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		for dest, ids := range done {
			for len(ids) > 0 {
				n := min(len(ids), maxIDs)
				if err := choose(tx, dest, padded(ids[:n])).Delete(&deliveryRow{}).Error; err != nil {
					return err
				}
				ids = ids[n:]
			}
		}
		return nil
	})
	if err != nil {
		r.marks.putBack(done)
		return err
	}
	for dest, ids := range done {
		r.destination(dest).forget(ids)
	}
	return nil
}

// choose finds deliveries by their keys. PostgreSQL gets these as a table: it takes a destination for having few
// rows, where it has not counted them lately, and would read them all rather than look for so many ids.
func choose(tx *gorm.DB, dest string, ids []string) *gorm.DB {
	if tx.Name() != string(database.Postgres) {
		return tx.Where("dest = ? AND event_id IN ?", dest, ids)
	}
	keys := make([]any, 0, 2*len(ids))
	for _, id := range ids {
		keys = append(keys, dest, id)
	}
	return tx.Where("(dest, event_id) IN (VALUES "+strings.TrimSuffix(strings.Repeat("(?, ?), ", len(ids)), ", ")+")", keys...)
}

// maxIDs bounds one statement's ids.
const maxIDs = 256

// padded repeats the last id up to a power of two: a few statements are prepared again and again then,
// instead of one for every length.
func padded(ids []string) []string {
	size := 1
	for size < len(ids) {
		size *= 2
	}
	list := make([]string, size)
	for i := copy(list, ids); i < size; i++ {
		list[i] = ids[len(ids)-1]
	}
	return list
}
