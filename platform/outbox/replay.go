package outbox

import (
	"context"
	"iter"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Filter chooses among the kept events.
type Filter struct {
	Names         []string  // of events; empty: all that the manifest says the destination hears
	Since, Before time.Time // occurred at or after, and before; zero: whenever
}

// ReplayStep is the largest number of events that one unit of work addresses.
const ReplayStep = 200

// Replay delivers kept events to a destination that they were never addressed to, such as a module that
// came to listen later, in order per key, and returns how many. They get the next numbers of their lanes,
// so they come after what was addressed to the destination before. Doing it again changes nothing.
func (o *Outbox) Replay(ctx context.Context, dest string, f Filter) (replayed int, err error) {
	for step, err := range o.ReplaySteps(ctx, dest, f, ReplayStep) {
		replayed += step
		if err != nil {
			return replayed, err
		}
	}
	return replayed, nil
}

// ReplaySteps is Replay by steps of at most size events, each a unit of work that is done when its number
// of events is told: whoever stops in between goes on where it was by beginning anew.
func (o *Outbox) ReplaySteps(ctx context.Context, dest string, f Filter, size int) iter.Seq2[int, error] {
	size = min(max(size, 1), ReplayStep)
	return func(yield func(int, error) bool) {
		for {
			ids, err := o.unaddressed(ctx, dest, f)
			if err != nil || len(ids) == 0 {
				if err != nil {
					yield(0, err)
				}
				return
			}
			for some := range slices.Chunk(ids, size) {
				if step, err := o.replay(ctx, dest, some); !yield(step, err) || err != nil {
					return
				}
			}
		}
	}
}

// window bounds the ids that are in memory.
const window = 20_000

// unaddressed lists the next events to be addressed. Sorting them takes the engine so long that it is not
// done for every step.
func (o *Outbox) unaddressed(ctx context.Context, dest string, f Filter) (ids []string, err error) {
	err = o.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return o.chosen(tx, dest, f).Where("e.destinations NOT LIKE ?", quoted(dest)).
			Order("e.event_key, e.position").Limit(window).Pluck("e.id", &ids).Error
	})
	return ids, err
}

// chosen are the kept events that a filter means.
func (o *Outbox) chosen(tx *gorm.DB, dest string, f Filter) *gorm.DB {
	if len(f.Names) == 0 {
		f.Names = o.manifest.HeardBy(dest)
	}
	tx = tx.Table("outbox_events AS e").Where("e.name IN ?", f.Names)
	if !f.Since.IsZero() {
		tx = tx.Where("e.occurred_at >= ?", f.Since.UnixMicro())
	}
	if !f.Before.IsZero() {
		tx = tx.Where("e.occurred_at < ?", f.Before.UnixMicro())
	}
	return tx
}

// quoted finds a destination among those of an event.
func quoted(dest string) string { return `%"` + dest + `"%` }

// replay is one step. Events that were deleted meanwhile, or addressed by somebody else, are left out.
func (o *Outbox) replay(ctx context.Context, dest string, ids []string) (step int, err error) {
	err = o.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var rows []eventRow
		err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id IN ? AND destinations NOT LIKE ?", padded(ids), quoted(dest)).
			Order("event_key, position").Find(&rows).Error
		if step = len(rows); err != nil || step == 0 {
			return err
		}
		deliveries, err := address(tx, dest, rows)
		if err != nil {
			return err
		}
		owner := o.db.Instance()
		if o.relay.Load() == nil { // somebody else delivers them
			if owner, err = o.db.Heir(ctx); err != nil {
				return err
			}
		}
		database.AfterCommit(ctx, func() { o.offer(deliveries) })
		return storeDeliveries(tx, deliveries, owner)
	})
	if err != nil {
		return 0, err
	}
	return step, nil
}

// address notes dest on events, and numbers their deliveries.
func address(tx *gorm.DB, dest string, rows []eventRow) ([]delivery, error) {
	wanted, alike := map[laneID]int64{}, map[string][]string{}
	for _, r := range rows {
		wanted[laneID{r.EventKey, dest}]++
		alike[r.Destinations] = append(alike[r.Destinations], r.ID)
	}
	for before, ids := range alike {
		after := addressed(append(parseDestinations(before), dest))
		if err := tx.Model(&eventRow{}).Where("id IN ?", padded(ids)).Update("destinations", after).Error; err != nil {
			return nil, err
		}
	}
	given, err := draw(tx, wanted)
	if err != nil {
		return nil, err
	}
	deliveries := make([]delivery, len(rows))
	for i, r := range rows {
		m, err := restore(r.ID, r.Payload, r.Metadata)
		if err != nil {
			return nil, err
		}
		given[laneID{r.EventKey, dest}]++
		deliveries[i] = delivery{dest: dest, key: r.EventKey, n: given[laneID{r.EventKey, dest}], message: m}
	}
	return deliveries, nil
}
