package outbox

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A mark says that a delivery's destination has it, and that its row is to go.
type mark struct{ dest, id string }

// marks are those that have come together.
type marks struct {
	some chan struct{} // there are
	many chan struct{} // so many that they should not wait for others

	mu   sync.Mutex
	done []mark
}

func newMarks() marks {
	return marks{some: make(chan struct{}, 1), many: make(chan struct{}, 1)}
}

func (m *marks) add(x delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = append(m.done, mark{x.dest, x.message.UUID})
	nudge(m.some)
	if len(m.done) == maxIDs {
		nudge(m.many)
	}
}

func (m *marks) collect() []mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	done := m.done
	m.done = nil
	return done
}

// putBack returns what could not be settled.
func (m *marks) putBack(done []mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = append(done, m.done...)
}

// settleAfter is for how long deliveries come together, to be settled by one commit. Nobody waits for it; what a
// process that is killed has not settled is delivered once more.
const settleAfter = 100 * time.Millisecond

// keepSettling settles whatever has come together in a moment.
func (r *Relay) keepSettling() {
	failures := 0
	for {
		select {
		case <-r.marks.some:
		case <-r.working.Done():
			return
		}
		select {
		case <-time.After(settleAfter):
		case <-r.marks.many:
		case <-r.working.Done():
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
			nudge(r.marks.some)
		case <-r.working.Done():
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
		for chunk := range slices.Chunk(done, maxIDs) {
			if err := remove(tx, chunk); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.marks.putBack(done)
		return err
	}
	for dest, ids := range byDestination(done) {
		r.destination(dest).forget(ids)
	}
	return nil
}

// remove deletes the rows of deliveries. PostgreSQL gets their keys as a table: it takes a destination for having few
// rows, where it has not counted them lately, and would read them all rather than look for so many ids. The others
// would read all rows rather than look for those of a table.
func remove(tx *gorm.DB, done []mark) error {
	if tx.Name() == string(database.Postgres) {
		keys := make([]any, 0, 4*len(done))
		for _, m := range padded(done) {
			keys = append(keys, m.dest, m.id)
		}
		table := strings.TrimSuffix(strings.Repeat("(?, ?), ", len(keys)/2), ", ")
		return tx.Where("(dest, event_id) IN (VALUES "+table+")", keys...).Delete(&deliveryRow{}).Error
	}
	for dest, ids := range byDestination(done) {
		if err := tx.Where("dest = ? AND event_id IN ?", dest, padded(ids)).Delete(&deliveryRow{}).Error; err != nil {
			return err
		}
	}
	return nil
}

func byDestination(done []mark) map[string][]string {
	ids := map[string][]string{}
	for _, m := range done {
		ids[m.dest] = append(ids[m.dest], m.id)
	}
	return ids
}

// maxIDs bounds one statement's ids.
const maxIDs = 256

// padded repeats the last of a list up to a power of two: a few statements are prepared again and again then,
// instead of one for every length.
func padded[E any](list []E) []E {
	size := 1
	for size < len(list) {
		size *= 2
	}
	longer := make([]E, size)
	for i := copy(longer, list); i < size; i++ {
		longer[i] = list[len(list)-1]
	}
	return longer
}
