package outbox

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// A Survey is what a replay to a destination would find.
type Survey struct {
	Kept      int64     // events that the filter chooses
	Addressed int64     // of them, those that the destination was told already or is about to be
	Late      int64     // of the others, those that will come after a later event of their key
	Deleted   int64     // events of the module, of any name and any time, that are kept no longer
	Oldest    time.Time // no event that occurred since then was deleted; zero: none is kept
}

// ToDo is how many events a replay would address.
func (s Survey) ToDo() int64 { return s.Kept - s.Addressed }

// Survey counts what a replay would find, and changes nothing.
func (o *Outbox) Survey(ctx context.Context, dest string, f Filter) (s Survey, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		s = Survey{}
		if err := o.count(tx, dest, f, &s); err != nil {
			return err
		}
		return fate(tx, &s)
	})
	return s, err
}

// count looks at what the filter chooses.
func (o *Outbox) count(tx *gorm.DB, dest string, f Filter, s *Survey) error {
	var counts struct{ Kept, Addressed int64 }
	told := "COALESCE(SUM(CASE WHEN e.destinations LIKE ? THEN 1 ELSE 0 END), 0)"
	err := o.chosen(tx, dest, f).Select("COUNT(*) AS kept, "+told+" AS addressed", quoted(dest)).Take(&counts).Error
	if err != nil {
		return err
	}
	s.Kept, s.Addressed = counts.Kept, counts.Addressed
	last := tx.Table("outbox_events").Select("event_key, MAX(position) AS position").
		Where("destinations LIKE ?", quoted(dest)).Group("event_key")
	return o.chosen(tx, dest, f).Joins("JOIN (?) AS told ON told.event_key = e.event_key AND told.position > e.position", last).
		Where("e.destinations NOT LIKE ?", quoted(dest)).Count(&s.Late).Error
}

// fate finds out what has become of older events. A key's events are counted for ever; those of an age are
// deleted, but for those that are still to be delivered.
func fate(tx *gorm.DB, s *Survey) error {
	var ever, kept int64
	if err := tx.Model(&laneRow{}).Where("dest = ?", all).Select("COALESCE(SUM(last_n), 0)").Scan(&ever).Error; err != nil {
		return err
	}
	if err := tx.Model(&eventRow{}).Count(&kept).Error; err != nil {
		return err
	}
	s.Deleted = ever - kept
	var oldest *int64
	pending := tx.Model(&deliveryRow{}).Select("event_id")
	err := tx.Model(&eventRow{}).Where("id NOT IN (?)", pending).Select("MIN(occurred_at)").Scan(&oldest).Error
	if oldest != nil {
		s.Oldest = time.UnixMicro(*oldest).UTC()
	}
	return err
}
