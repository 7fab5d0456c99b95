package backlog

import (
	"context"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Lane is the events of one key between a module and another one.
type Lane struct{ Peer, Key string }

// Lanes are how many events a module has told others, delivered or not, and how many it has heard of them.
type Lanes struct{ Told, Heard map[Lane]int64 }

// LanesOf counts the events of the module of db, on one snapshot.
func LanesOf(ctx context.Context, db *database.DB) (l Lanes, err error) {
	err = db.Read(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		if l.Told, err = lanes(tx.Table("outbox_lanes").Where("dest <> ''").Select("dest AS peer, event_key, last_n")); err == nil {
			l.Heard, err = lanes(tx.Table("inbox_lanes").Select("source AS peer, event_key, last_n"))
		}
		return err
	})
	return l, err
}

func lanes(table *gorm.DB) (map[Lane]int64, error) {
	var rows []struct {
		Peer, EventKey string
		LastN          int64
	}
	err := table.Find(&rows).Error
	counts := make(map[Lane]int64, len(rows))
	for _, r := range rows {
		counts[Lane{r.Peer, r.EventKey}] = r.LastN
	}
	return counts, err
}

// OnTheWay lists the lanes of which one module has told more than the other has heard, of all modules that are
// given by name: what waits in an outbox, and also what a message server holds, of which neither has a row.
func OnTheWay(modules map[string]Lanes) (items []Item) {
	for from, l := range modules {
		for lane, told := range l.Told {
			if to, known := modules[lane.Peer]; known && to.Heard[Lane{from, lane.Key}] < told {
				items = append(items, Item{Module: from, Peer: lane.Peer, Kind: Delivery, State: Waiting, Key: lane.Key})
			}
		}
	}
	return items
}
