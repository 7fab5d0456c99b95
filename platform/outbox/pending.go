package outbox

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// pending reads deliveries to dest, oldest events first and the first few of every lane. more says
// whether there are others.
func (o *Outbox) pending(ctx context.Context, dest string) (list []delivery, more bool, err error) {
	var rows []pendingRow
	err = o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		first := tx.Table("outbox_deliveries AS l").Select("MIN(l.n)").Where("l.dest = d.dest AND l.event_key = d.event_key")
		return tx.Table("outbox_deliveries AS d").
			Select("d.dest, d.event_id, d.event_key, d.n, e.payload, e.metadata").
			Joins("JOIN outbox_events AS e ON e.id = d.event_id").
			Where("d.dest = ? AND d.n < ? + (?)", dest, laneDepth, first).
			Order("d.event_id").Limit(windowSize).Find(&rows).Error
	})
	if err != nil {
		return nil, false, err
	}
	more = len(rows) == windowSize
	depth := map[string]int{}
	for _, r := range rows {
		x, err := r.delivery()
		if err != nil {
			return nil, false, err
		}
		list = append(list, x)
		depth[x.key]++
		more = more || depth[x.key] == laneDepth
	}
	return list, more, nil
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
