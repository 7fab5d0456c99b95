package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// OrderOfReturn returns the id of the order that a return belongs to.
func (s *Orders) OrderOfReturn(ctx context.Context, id string) (string, error) {
	var row returnRow
	err := s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Select("id", "order_id").Where("id = ?", id).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && row.ID != id { // MySQL reads over a space at the end
		return "", fault.New(fault.NotFound, "there is no such return")
	}
	return row.OrderID, err
}

// ListReturns returns returns, latest first: at most limit that come after the return with the id
// after, which is empty for the first. An empty status stands for all.
func (s *Orders) ListReturns(ctx context.Context, status, after string, limit int) (returns []order.Return, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		query := tx.Order("id DESC").Limit(limit)
		if status != "" {
			query = query.Where("status = ?", status)
		}
		if after != "" {
			query = query.Where("id < ?", after)
		}
		var rows []returnRow
		if err := query.Find(&rows).Error; err != nil {
			return err
		}
		returns, err = withLines(tx, rows)
		return err
	})
	return returns, err
}
