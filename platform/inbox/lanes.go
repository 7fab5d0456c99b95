package inbox

import (
	"errors"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A verdict is what is to be done with a message that arrives.
type verdict int

const (
	known            verdict = iota // handled or kept already
	soon                            // its predecessor has not come, and nobody waits for that yet
	early                           // its predecessor has not come
	inTurn                          // to be applied: its lane has been moved on to it
	inTurnOthersWait                // the same, and messages are kept that may come after it
)

// take decides what is to be done with a message, and moves its lane on if it is to be applied.
func take(tx *gorm.DB, l envelope.Label, patient bool) (verdict, error) {
	if moved, err := moveOn(tx, l); err != nil || moved {
		return inTurn, err
	}
	id := laneID{l.Source, l.Key}
	lane, err := look(tx, id)
	switch {
	case err != nil || l.Number <= lane.LastN:
		return known, err
	case patient && lane.Kept == 0 && l.Number > lane.LastN+1:
		return soon, nil
	}
	if lane, err = lock(tx, id); err != nil || l.Number <= lane.LastN {
		return known, err
	}
	applied := inTurn
	if lane.Kept > 0 {
		if _, kept, err := find(tx, id, l.Number); err != nil || kept {
			return known, err
		}
		applied = inTurnOthersWait
	}
	if l.Number > lane.LastN+1 {
		return early, nil
	}
	return applied, tx.Model(&lane).Update("last_n", l.Number).Error
}

// moveOn is the way of almost every message: one statement that changes the lane's row if the message
// is the next one and none is kept.
func moveOn(tx *gorm.DB, l envelope.Label) (bool, error) {
	if l.Number == 1 {
		first := laneRow{Source: l.Source, EventKey: l.Key, LastN: 1}
		r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&first)
		return r.RowsAffected == 1, r.Error
	}
	const next = "UPDATE inbox_lanes SET last_n = ? WHERE source = ? AND event_key = ? AND last_n = ? AND kept = 0"
	r := tx.Exec(next, l.Number, l.Source, l.Key, l.Number-1) // nothing to be built: this is done for every message
	return r.RowsAffected == 1, r.Error
}

// look returns the lane's row as it is, empty where it is missing.
func look(tx *gorm.DB, id laneID) (lane laneRow, err error) {
	err = tx.Where("source = ? AND event_key = ?", id.source, id.key).Limit(1).Find(&lane).Error
	return lane, err
}

// lock returns the lane's row, made where it is missing, and keeps others from changing it.
func lock(tx *gorm.DB, id laneID) (laneRow, error) {
	lane := laneRow{Source: id.source, EventKey: id.key}
	read := func() error {
		return tx.Clauses(clause.Locking{Strength: "UPDATE"}).
			Where("source = ? AND event_key = ?", id.source, id.key).Take(&lane).Error
	}
	err := read()
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return lane, err
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&lane).Error; err != nil {
		return lane, err
	}
	return lane, read()
}

// keep stores a message that came before its predecessor.
func keep(tx *gorm.DB, l envelope.Label, m *message.Message, owner string) error {
	row, err := newMessageRow(l, m, owner)
	if err != nil {
		return err
	}
	row.State = Waiting
	return insert(tx, row)
}

// insert adds a kept message to its lane.
func insert(tx *gorm.DB, row messageRow) error {
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return tx.Model(&laneRow{Source: row.Source, EventKey: row.EventKey}).Update("kept", gorm.Expr("kept + 1")).Error
}

// takeKept takes the message whose turn it is in a lane out of those kept, if it is there and due.
func takeKept(tx *gorm.DB, id laneID, now time.Time) (row messageRow, m *message.Message, more bool, err error) {
	lane, err := lock(tx, id)
	if err != nil {
		return row, nil, false, err
	}
	row, found, err := find(tx, id, lane.LastN+1)
	if err != nil || !found || row.State == Parked || row.DueAt > now.UnixMicro() {
		return row, nil, false, err
	}
	if m, err = row.message(); err != nil {
		return row, nil, false, err
	}
	return row, m, lane.Kept > 1, remove(tx, row)
}

// remove takes a message out of those kept and moves its lane on to it.
func remove(tx *gorm.DB, row messageRow) error {
	// Not by GORM's own (source, event_key, n) IN (…): MariaDB reads and locks the whole table for that.
	one := tx.Where("source = ? AND event_key = ? AND n = ?", row.Source, row.EventKey, row.N)
	if err := one.Delete(&messageRow{}).Error; err != nil {
		return err
	}
	return tx.Model(&laneRow{Source: row.Source, EventKey: row.EventKey}).
		Updates(map[string]any{"last_n": row.N, "kept": gorm.Expr("kept - 1")}).Error
}

func find(tx *gorm.DB, id laneID, n int64) (row messageRow, found bool, err error) {
	err = tx.Where("source = ? AND event_key = ? AND n = ?", id.source, id.key, n).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, false, nil
	}
	return row, err == nil, err
}
