package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Announce tells how much there is now of up to limit products whose levels changed, those first that
// wait the longest, and returns how many it found waiting.
func (s *Stock) Announce(ctx context.Context, limit int) (waiting int, err error) {
	var skus []string
	err = s.db.Query(ctx, func(ctx context.Context, tx *gorm.DB) error {
		return tx.Model(&levelRow{}).Where("pending_since > 0").Order("pending_since").Limit(limit).Pluck("sku", &skus).Error
	})
	if err != nil || len(skus) == 0 {
		return 0, err
	}
	return len(skus), s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.alone(ctx); err != nil {
			return err
		}
		var rows []levelRow
		err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).
			Where("sku IN ? AND pending_since > 0", skus).Order("sku").Find(&rows).Error
		if err != nil || len(rows) == 0 { // somebody else announced them meanwhile
			return err
		}
		events := make([]outbox.Event, len(rows))
		announced := make([]string, len(rows))
		for i, row := range rows {
			announced[i] = row.SKU
			events[i] = inventory.StockLevelChanged{
				SKU: row.SKU, OnHand: row.OnHand, Reserved: row.Reserved, Available: row.level().Available(),
			}
		}
		if err := s.outbox.Add(ctx, events...); err != nil {
			return err
		}
		return tx.Model(&levelRow{}).Where("sku IN ?", announced).Update("pending_since", 0).Error
	})
}
