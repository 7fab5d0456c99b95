package outbox

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Filter chooses among the kept events.
type Filter struct {
	Names []string  // of events; empty: all that the manifest says the destination hears
	Since time.Time // occurred at or after; zero: all that are kept
}

// replayStep bounds what one unit of work addresses.
const replayStep = 200

// Replay delivers kept events to a destination that they were never addressed to, such as a module that
// came to listen later, in order per key, and returns how many. They get the next numbers of their lanes,
// so they come after what was addressed to the destination before. Doing it again changes nothing.
func (o *Outbox) Replay(ctx context.Context, dest string, f Filter) (replayed int, err error) {
	if len(f.Names) == 0 {
		f.Names = o.manifest.HeardBy(dest)
	}
	for {
		step := 0
		err := o.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
			deliveries, err := o.address(tx, dest, f)
			if step = len(deliveries); err != nil || step == 0 {
				return err
			}
			database.AfterCommit(ctx, func() { o.offer(deliveries) })
			return storeDeliveries(tx, deliveries)
		})
		if err != nil {
			return replayed, err
		}
		replayed += step
		if step < replayStep {
			return replayed, nil
		}
	}
}

// address notes dest on the next kept events that lack it, and numbers their deliveries.
func (o *Outbox) address(tx *gorm.DB, dest string, f Filter) ([]delivery, error) {
	var rows []eventRow
	err := tx.Where("name IN ? AND occurred_at >= ? AND destinations NOT LIKE ?", f.Names, f.Since.UnixMicro(), `%"`+dest+`"%`).
		Order("event_key, position").Limit(replayStep).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	wanted := map[laneID]int64{}
	for _, r := range rows {
		wanted[laneID{r.EventKey, dest}]++
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
		if err := tx.Model(&r).Update("destinations", r.with(dest)).Error; err != nil {
			return nil, err
		}
	}
	return deliveries, nil
}

// with is the event's destinations and one more.
func (r eventRow) with(dest string) string {
	dests := parseDestinations(r.Destinations)
	return addressed(append(slices.Clip(dests), dest))
}
