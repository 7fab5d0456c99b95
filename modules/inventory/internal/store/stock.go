// Package store keeps levels, bookings and reservations.
package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/guard"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Stock is all that is in the house and who it is for.
type Stock struct {
	db        *database.DB
	outbox    *outbox.Outbox
	guard     *guard.Guard
	movements *database.Batch[movement]
}

// NewStock returns the stock kept in db. What happens to it is announced through o.
func NewStock(db *database.DB, o *outbox.Outbox) *Stock {
	s := &Stock{db: db, outbox: o, guard: guard.New(db)}
	s.movements = database.NewBatch(s.move)
	return s
}

// levelRow is a level as the database sees it.
type levelRow struct {
	SKU          string `gorm:"column:sku;primaryKey"`
	OnHand       int64  `gorm:"column:on_hand"`
	Reserved     int64  `gorm:"column:reserved"`
	PendingSince int64  `gorm:"column:pending_since"` // microseconds
}

// TableName names the table.
func (levelRow) TableName() string { return "levels" }

func (r levelRow) level() stock.Level {
	return stock.Level{SKU: r.SKU, OnHand: r.OnHand, Reserved: r.Reserved}
}

// atOnce is how many rows one statement reads or writes: an order may have 2,000 lines.
const atOnce = 500

// Find returns how much there is of a product.
func (s *Stock) Find(ctx context.Context, sku string) (stock.Level, error) {
	var row levelRow
	err := s.db.Query(ctx, func(ctx context.Context, tx *gorm.DB) error {
		return tx.Where("sku = ?", sku).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return stock.Level{}, fault.New(fault.NotFound, "there never was stock of %s", sku)
	}
	return row.level(), err
}

// alone is how whoever changes levels begins: they take their turns, in however many processes. Levels are
// locked as well, but a shop sells the same few products again and again, and a transaction may change them
// for several reasons, one after the other: two at a time would wait for each other more often than not.
func (s *Stock) alone(ctx context.Context) error { return s.guard.Alone(ctx, "levels") }

// lockedLevels are levels that nobody else changes until the unit of work ends.
type lockedLevels struct {
	rows   map[string]levelRow
	levels map[string]*stock.Level
}

// lock loads the levels of products and locks them, in the order of the SKUs. A product that there never
// was has no level.
func lock(tx *gorm.DB, skus []string) (lockedLevels, error) {
	locked := lockedLevels{rows: map[string]levelRow{}, levels: map[string]*stock.Level{}}
	for chunk := range slices.Chunk(skus, atOnce) {
		var rows []levelRow
		err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("sku IN ?", chunk).Order("sku").Find(&rows).Error
		if err != nil {
			return locked, err
		}
		for _, row := range rows {
			level := row.level()
			locked.rows[row.SKU], locked.levels[row.SKU] = row, &level
		}
	}
	return locked, nil
}

// save writes the levels that changed and marks them as to be announced.
func (l lockedLevels) save(tx *gorm.DB) error {
	var changed []levelRow
	for sku, row := range l.rows {
		level := l.levels[sku]
		if *level == row.level() {
			continue
		}
		row.OnHand, row.Reserved = level.OnHand, level.Reserved
		if row.PendingSince == 0 {
			row.PendingSince = time.Now().UnixMicro()
		}
		changed = append(changed, row)
	}
	if len(changed) == 0 {
		return nil
	}
	// The rows are there and locked: this is one UPDATE of many rows with a value each.
	return tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "sku"}},
		DoUpdates: clause.AssignmentColumns([]string{"on_hand", "reserved", "pending_since"}),
	}).CreateInBatches(changed, atOnce).Error
}
