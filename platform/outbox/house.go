package outbox

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"
)

// keepHouse looks for destinations that others address now and then, and deletes old events every hour.
func (r *Relay) keepHouse() {
	learn, purge := time.NewTicker(30*r.options.Poll), time.NewTicker(time.Hour)
	defer learn.Stop()
	defer purge.Stop()
	for {
		var err error
		select {
		case <-learn.C:
			err = r.learn(r.publishing)
		case <-purge.C:
			_, err = r.outbox.Purge(r.publishing, time.Now().Add(-r.options.Keep))
		case <-r.quit:
			return
		}
		if err != nil {
			slog.WarnContext(r.publishing, "the outbox is not kept in order", "module", r.outbox.db.Name(), "error", err)
		}
	}
}

// learn gets to know all destinations: those of the manifest, and those that deliveries are pending for.
func (r *Relay) learn(ctx context.Context) error {
	for _, dests := range r.outbox.manifest {
		for _, dest := range dests {
			r.destination(dest)
		}
	}
	var pending []string
	err := r.outbox.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&deliveryRow{}).Distinct().Pluck("dest", &pending).Error
	})
	for _, dest := range pending {
		r.destination(dest)
	}
	return err
}

// purgeStep bounds what one unit of work deletes, so that others get their turn in between.
const purgeStep = 500

// Purge deletes events that occurred before a time, but none that is still to be delivered, and returns how many.
func (o *Outbox) Purge(ctx context.Context, before time.Time) (purged int, err error) {
	for {
		step := 0
		err := o.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
			var ids []string
			pending := tx.Model(&deliveryRow{}).Select("event_id")
			err := tx.Model(&eventRow{}).Where("occurred_at < ? AND id NOT IN (?)", before.UnixMicro(), pending).
				Order("occurred_at").Limit(purgeStep).Pluck("id", &ids).Error
			if step = len(ids); err != nil || step == 0 {
				return err
			}
			return tx.Where("id IN ?", padded(ids)).Delete(&eventRow{}).Error
		})
		if err != nil {
			return purged, err
		}
		purged += step
		if step < purgeStep {
			return purged, nil
		}
	}
}
