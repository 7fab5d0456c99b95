package outbox

import (
	"context"
	"slices"

	"github.com/ThreeDotsLabs/watermill/message"
	"gorm.io/gorm"
)

// pending reads deliveries of ours to dest, oldest events first and the first few of every lane, without those of
// events that memory holds. more says whether there are others.
func (o *Outbox) pending(ctx context.Context, dest string, held map[string]struct{}) (list []delivery, more bool, err error) {
	var rows []deliveryRow
	var events map[string]*message.Message
	err = o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		if rows, more, err = oldest(tx, dest, o.db.Instance()); err == nil {
			events, err = messages(tx, rows, held)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	for _, r := range rows {
		if m, ok := events[r.EventID]; ok {
			list = append(list, delivery{dest: r.Dest, key: r.EventKey, n: r.N, message: m})
		}
	}
	return list, more, nil
}

// oldest reads as many rows as memory takes. What it costs does not grow with the backlog, unless that is of a few
// lanes: then it reads on until it has found others, up to the oldest 65,536.
func oldest(tx *gorm.DB, dest, owner string) (rows []deliveryRow, more bool, err error) {
	first := tx.Table("outbox_deliveries AS l").Select("MIN(l.n)").Where("l.dest = d.dest AND l.event_key = d.event_key")
	for size := windowSize; ; size *= 4 {
		var found []struct {
			Row   deliveryRow `gorm:"embedded"`
			First int64       // of the lane
		}
		page := tx.Table("outbox_deliveries").Where("dest = ? AND owner = ?", dest, owner).Order("event_id").Limit(size)
		if err := tx.Table("(?) AS d", page).Select("d.*, (?) AS first", first).Order("d.event_id").Find(&found).Error; err != nil {
			return nil, false, err
		}
		rows = rows[:0]
		for _, r := range found {
			if r.Row.N < r.First+laneDepth && len(rows) < windowSize {
				rows = append(rows, r.Row)
			}
		}
		if more = len(found) == size; !more || len(rows) >= windowSize/2 || size == 64*windowSize {
			return rows, more || len(rows) < len(found), nil
		}
	}
}

// messages reads what is to be delivered, but for what is held. Under load the table is mostly what is
// on its way: reading all of that again took a tenth of the time that a shop had.
func messages(tx *gorm.DB, rows []deliveryRow, held map[string]struct{}) (map[string]*message.Message, error) {
	var ids []string
	for _, r := range rows {
		if _, ok := held[r.EventID]; !ok {
			ids = append(ids, r.EventID)
		}
	}
	found := make(map[string]*message.Message, len(ids))
	for some := range slices.Chunk(ids, maxIDs) {
		var events []eventRow
		if err := tx.Select("id", "payload", "metadata").Where("id IN ?", padded(some)).Find(&events).Error; err != nil {
			return nil, err
		}
		for _, e := range events {
			m, err := restore(e.ID, e.Payload, e.Metadata)
			if err != nil {
				return nil, err
			}
			found[e.ID] = m
		}
	}
	return found, nil
}

// addressees are the destinations that deliveries of ours are pending for, with how many: all, or some of those named.
func (o *Outbox) addressees(ctx context.Context, among ...string) (map[string]int64, error) {
	var rows []struct {
		Dest    string
		Pending int64
	}
	err := o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		ours := tx.Model(&deliveryRow{}).Where("owner = ?", o.db.Instance())
		if len(among) > 0 {
			ours = ours.Where("dest IN ?", among)
		}
		return ours.Group("dest").Select("dest, COUNT(*) AS pending").Find(&rows).Error
	})
	pending := make(map[string]int64, len(rows))
	for _, r := range rows {
		pending[r.Dest] = r.Pending
	}
	return pending, err
}
