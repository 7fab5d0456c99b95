package store

import (
	"context"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// Each calls see with every order in db, without its parts, oldest first, on one snapshot.
func Each(ctx context.Context, db *database.DB, see func(order.State)) error {
	return db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		for after := ""; ; {
			var rows []orderRow
			if err := tx.Where("id > ?", after).Order("id").Limit(batch).Find(&rows).Error; err != nil {
				return err
			}
			for _, row := range rows {
				see(row.state())
				after = row.ID
			}
			if len(rows) < batch {
				return nil
			}
		}
	})
}
