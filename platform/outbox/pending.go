package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"gorm.io/gorm"
)

// pending reads deliveries to dest, oldest events first and the first few of every lane, without those of
// events that memory holds. more says whether there are others.
func (o *Outbox) pending(ctx context.Context, dest string, held map[string]struct{}) (list []delivery, more bool, err error) {
	var rows []deliveryRow
	var events map[string]*message.Message
	err = o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		first := tx.Table("outbox_deliveries AS l").Select("MIN(l.n)").Where("l.dest = d.dest AND l.event_key = d.event_key")
		err = tx.Table("outbox_deliveries AS d").Where("d.dest = ? AND d.n < ? + (?)", dest, laneDepth, first).
			Order("d.event_id").Limit(windowSize).Find(&rows).Error
		if err == nil {
			events, err = messages(tx, rows, held)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	more = len(rows) == windowSize
	depth := map[string]int{}
	for _, r := range rows {
		if m, ok := events[r.EventID]; ok {
			list = append(list, delivery{dest: r.Dest, key: r.EventKey, n: r.N, message: m})
		}
		depth[r.EventKey]++
		more = more || depth[r.EventKey] == laneDepth
	}
	return list, more, nil
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

// addressees are the destinations that deliveries are pending for.
func (o *Outbox) addressees(ctx context.Context) (names []string, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&deliveryRow{}).Distinct().Pluck("dest", &names).Error
	})
	return names, err
}

// A Backlog is what one destination has not yet got.
type Backlog struct {
	Destination string
	Pending     int64
	Oldest      time.Time // when the oldest pending event occurred
}

// Backlog reports what is pending, per destination that lacks something. At rest it is empty.
func (o *Outbox) Backlog(ctx context.Context) ([]Backlog, error) {
	var rows []struct {
		Dest       string
		Pending    int64
		OccurredAt int64
	}
	err := o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_deliveries AS d").
			Select("d.dest, COUNT(*) AS pending, MIN(e.occurred_at) AS occurred_at").
			Joins("JOIN outbox_events AS e ON e.id = d.event_id").
			Group("d.dest").Order("d.dest").Find(&rows).Error
	})
	list := make([]Backlog, len(rows))
	for i, r := range rows {
		list[i] = Backlog{r.Dest, r.Pending, time.UnixMicro(r.OccurredAt).UTC()}
	}
	return list, err
}
