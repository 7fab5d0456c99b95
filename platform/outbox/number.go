package outbox

import (
	"cmp"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A laneID names the deliveries of one key to one destination.
type laneID struct{ key, dest string }

// all is the destination under which a key's events themselves are counted.
const all = ""

// number gives every letter its position and every delivery of it the next n of its lane.
func number(tx *gorm.DB, letters []letter) ([]delivery, error) {
	wanted := map[laneID]int64{}
	for _, l := range letters {
		wanted[laneID{l.key, all}]++
		for _, dest := range l.dests {
			wanted[laneID{l.key, dest}]++
		}
	}
	given, err := draw(tx, wanted)
	if err != nil {
		return nil, err
	}
	next := func(id laneID) int64 { given[id]++; return given[id] }
	var deliveries []delivery
	for i, l := range letters {
		letters[i].position = next(laneID{l.key, all})
		for _, dest := range l.dests {
			deliveries = append(deliveries, delivery{dest: dest, key: l.key, n: next(laneID{l.key, dest}), message: l.message})
		}
	}
	return deliveries, nil
}

// draw takes as many numbers of each lane as are wanted, and returns the last one given out before.
// The lanes' rows stay locked until the transaction ends, so nobody else draws in between.
func draw(tx *gorm.DB, wanted map[laneID]int64) (map[laneID]int64, error) {
	rows := make([]laneRow, 0, len(wanted))
	for id, size := range wanted {
		rows = append(rows, laneRow{EventKey: id.key, Dest: id.dest, LastN: size})
	}
	slices.SortFunc(rows, func(a, b laneRow) int { // one order of locks for everybody
		return cmp.Or(cmp.Compare(a.EventKey, b.EventKey), cmp.Compare(a.Dest, b.Dest))
	})
	if err := advance(tx, rows); err != nil {
		return nil, err
	}
	before := make(map[laneID]int64, len(rows))
	for _, r := range rows {
		id := laneID{r.EventKey, r.Dest}
		before[id] = r.LastN - wanted[id]
	}
	return before, nil
}

// advance moves each lane on by what its row says, and puts into the rows where the lanes are then.
func advance(tx *gorm.DB, rows []laneRow) error {
	by := "excluded.last_n"
	if tx.Name() == string(database.MySQL) {
		by = "VALUES(last_n)"
	}
	add := clause.OnConflict{
		Columns:   []clause.Column{{Name: "event_key"}, {Name: "dest"}},
		DoUpdates: clause.Assignments(map[string]any{"last_n": gorm.Expr("outbox_lanes.last_n + " + by)}),
	}
	if tx.Name() != string(database.MySQL) {
		return insert(tx, rows, add, clause.Returning{Columns: []clause.Column{{Name: "last_n"}}})
	}
	if err := insert(tx, rows, add); err != nil { // it cannot say what it has written, and is asked
		return err
	}
	at := map[laneID]int64{}
	for some := range slices.Chunk(rows, mostRows) {
		keys := make([]string, len(some))
		for i, r := range some {
			keys[i] = r.EventKey
		}
		var lanes []laneRow
		if err := tx.Where("event_key IN ?", padded(keys)).Find(&lanes).Error; err != nil {
			return err
		}
		for _, r := range lanes {
			at[laneID{r.EventKey, r.Dest}] = r.LastN
		}
	}
	for i, r := range rows {
		rows[i].LastN = at[laneID{r.EventKey, r.Dest}]
	}
	return nil
}
