package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// Availability is what inventory last said of each product. It is kept apart from the products: goods
// may arrive before their product is listed, and a sale does not touch what staff are editing.
type Availability struct{ db *database.DB }

// NewAvailability returns the availability kept in db.
func NewAvailability(db *database.DB) *Availability { return &Availability{db: db} }

type availabilityRow struct {
	SKU       string `gorm:"column:sku;primaryKey"`
	Available int64  `gorm:"column:available"`
}

// TableName names the table.
func (availabilityRow) TableName() string { return "availability" }

// StockLevelChanged keeps how much of a product can be bought.
func (s *Availability) StockLevelChanged(ctx context.Context, e *inventory.StockLevelChanged) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "sku"}},
			DoUpdates: clause.AssignmentColumns([]string{"available"}),
		}).Create(&availabilityRow{SKU: e.SKU, Available: e.Available}).Error
	})
}
