package outbox

import (
	"context"
	"maps"
	"slices"

	"github.com/ThreeDotsLabs/watermill/message"
	"gorm.io/gorm"
)

// known is what is not read from the table: events that memory holds, and what is behind the first of lanes that are stuck.
type known struct{ held, stuck map[string]struct{} }

// A page is the beginning of what is pending for a destination.
type page struct {
	deliveries []delivery
	cut        map[string]struct{} // keys of lanes that have more
	more       bool                // the same of any lane
}

// pending reads deliveries of ours to dest that are not known, oldest events first and the first few of every lane.
func (o *Outbox) pending(ctx context.Context, dest string, k known) (p page, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		p = page{cut: map[string]struct{}{}}
		rows, err := p.oldest(tx.Where("dest = ? AND owner = ?", dest, o.db.Instance()), k)
		if err == nil {
			p.deliveries, err = withMessages(tx, rows)
		}
		return err
	})
	return p, err
}

// oldest reads about as many rows as memory takes. A lane that has more than its share is left out from there on: what
// reading costs grows with the backlog of such lanes, and with no other.
func (p *page) oldest(ours *gorm.DB, k known) (rows []deliveryRow, err error) {
	ours = ours.Session(&gorm.Session{})
	inLane := map[string]int{}
	for after := ""; len(rows) < windowSize/2; {
		next := ours.Where("event_id > ?", after)
		if full := slices.Collect(maps.Keys(p.cut)); len(full) > 0 {
			next = next.Where("event_key NOT IN ?", padded(full[:min(len(full), maxIDs)]))
		}
		var found []deliveryRow
		if err := next.Order("event_id").Limit(windowSize).Find(&found).Error; err != nil {
			return nil, err
		}
		for _, r := range found {
			inLane[r.EventKey]++
			_, held := k.held[r.EventID]
			_, stuck := k.stuck[r.EventKey]
			switch {
			case held:
			case stuck || inLane[r.EventKey] > laneDepth:
				p.cut[r.EventKey] = struct{}{}
			default:
				rows = append(rows, r)
			}
		}
		if p.more = len(found) == windowSize; !p.more {
			break
		}
		after = found[len(found)-1].EventID
	}
	return rows, nil
}

// pendingOf reads the first deliveries of ours of one lane that are not known. more says whether there are others.
func (o *Outbox) pendingOf(ctx context.Context, dest, key string, k known) (list []delivery, more bool, err error) {
	err = o.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		var rows []deliveryRow
		err := tx.Where("event_key = ? AND dest = ? AND owner = ?", key, dest, o.db.Instance()).
			Order("n").Limit(2 * laneDepth).Find(&rows).Error
		if err != nil {
			return err
		}
		more = len(rows) == 2*laneDepth
		list, err = withMessages(tx, slices.DeleteFunc(rows, func(r deliveryRow) bool {
			_, held := k.held[r.EventID]
			return held
		}))
		return err
	})
	return list, more, err
}

// withMessages reads what is to be delivered. Under load the table is mostly what is on its way: reading all of that
// again took a tenth of the time that a shop had.
func withMessages(tx *gorm.DB, rows []deliveryRow) (list []delivery, err error) {
	for some := range slices.Chunk(rows, maxIDs) {
		ids := make([]string, len(some))
		for i, r := range some {
			ids[i] = r.EventID
		}
		var events []eventRow
		if err := tx.Select("id", "payload", "metadata").Where("id IN ?", padded(ids)).Find(&events).Error; err != nil {
			return nil, err
		}
		found := make(map[string]*message.Message, len(events))
		for _, e := range events {
			if found[e.ID], err = restore(e.ID, e.Payload, e.Metadata); err != nil {
				return nil, err
			}
		}
		for _, r := range some {
			if m, ok := found[r.EventID]; ok {
				list = append(list, delivery{dest: r.Dest, key: r.EventKey, n: r.N, message: m})
			}
		}
	}
	return list, nil
}

// addressees are the destinations that deliveries of ours are pending for, with how many: all, or some of those named.
func (o *Outbox) addressees(ctx context.Context, among ...string) (map[string]int64, error) {
	var rows []struct {
		Dest    string
		Pending int64
	}
	err := o.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
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
