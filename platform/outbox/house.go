package outbox

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// keepHouse deletes old events: a minute after the start, for processes that never get old, and every hour.
func (r *Relay) keepHouse() {
	purge := time.NewTimer(time.Minute)
	defer purge.Stop()
	for {
		select {
		case <-purge.C:
			purge.Reset(time.Hour)
		case <-r.working.Done():
			return
		}
		if _, err := r.outbox.Purge(r.working, time.Now().Add(-r.options.Keep)); err != nil && r.working.Err() == nil {
			slog.WarnContext(r.working, "old events are not deleted", "module", r.outbox.db.Name(), "error", err)
		}
	}
}

// purgeStep bounds what one unit of work deletes, so that others get their turn in between.
const purgeStep = 500

// Purge deletes events that occurred before a time, but none that is still to be delivered, and returns how many. It does
// so in steps, and begins none when ctx has ended.
func (o *Outbox) Purge(ctx context.Context, before time.Time) (purged int, err error) {
	for {
		step, deleted := 0, int64(0)
		err := o.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
			var ids []string
			pending := tx.Model(&deliveryRow{}).Select("event_id")
			err := tx.Model(&eventRow{}).Clauses(clause.Locking{Strength: "UPDATE"}).
				Where("occurred_at < ? AND id NOT IN (?)", before.UnixMicro(), pending).
				Order("occurred_at").Limit(purgeStep).Pluck("id", &ids).Error
			if step = len(ids); err != nil || step == 0 {
				return err
			}
			// Asked again, for a replay may have had the rows before us: now that they are ours it has to wait.
			r := tx.Where("id IN ? AND id NOT IN (?)", padded(ids), pending).Delete(&eventRow{})
			deleted = r.RowsAffected
			return r.Error
		})
		if err != nil {
			return purged, err
		}
		purged += int(deleted)
		if step < purgeStep {
			return purged, nil
		}
	}
}
