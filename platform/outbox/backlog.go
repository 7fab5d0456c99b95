package outbox

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// A Backlog is what one destination has not yet got.
type Backlog struct {
	Destination string
	Pending     int64
	Oldest      time.Time // when the oldest pending event occurred
}

// Backlog reports what is pending, per destination that lacks something. At rest it is empty.
func (o *Outbox) Backlog(ctx context.Context) ([]Backlog, error) {
	return o.backlog(ctx, func(tx *gorm.DB) *gorm.DB { return tx })
}

// backlog counts deliveries. Ids of events begin with the time: the smallest one is the oldest, and no
// other event has to be looked at.
func (o *Outbox) backlog(ctx context.Context, choose func(*gorm.DB) *gorm.DB) ([]Backlog, error) {
	var rows []struct {
		Dest       string
		Pending    int64
		OccurredAt int64
	}
	err := o.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		pending := choose(tx.Model(&deliveryRow{})).Select("dest, COUNT(*) AS pending, MIN(event_id) AS oldest").Group("dest")
		return tx.Table("(?) AS d", pending).Joins("LEFT JOIN outbox_events AS e ON e.id = d.oldest").
			Select("d.dest, d.pending, COALESCE(e.occurred_at, 0) AS occurred_at").Order("d.dest").Find(&rows).Error
	})
	list := make([]Backlog, len(rows))
	for i, r := range rows {
		list[i] = Backlog{r.Dest, r.Pending, time.UnixMicro(r.OccurredAt).UTC()}
	}
	return list, err
}

// A Delay is a backlog of a relay that is older than it should be.
type Delay struct {
	Backlog
	Moved time.Time // when the destination last got something, or had nothing to get
}

// Delays reports the destinations that this relay has had something for, for longer than limit. What other
// instances have to deliver is theirs to report.
func (r *Relay) Delays(ctx context.Context, limit time.Duration) (list []Delay, err error) {
	all, err := r.outbox.backlog(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Where("owner = ?", r.outbox.db.Instance())
	})
	for _, b := range all {
		if time.Since(b.Oldest) > limit {
			list = append(list, Delay{b, r.destination(b.Destination).lastMoved()})
		}
	}
	return list, err
}

func (d *destination) lastMoved() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.moved
}

// rest notes that a destination has nothing to get, as far as the table could be read. What is found for it next may be
// old, such as what another process has left, and is not what it has been waiting for all the time.
func (d *destination) rest() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.held) == 0 && !d.behind {
		d.moved = time.Now()
	}
}
