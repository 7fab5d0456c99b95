package store

import (
	"context"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
)

// A Query asks for payments, newest first.
type Query struct {
	OrderID string // empty: of all orders
	Before  string // only payments with a lower id; empty: from the newest on
	Limit   int
}

// List returns what a query asks for.
func (s *Payments) List(ctx context.Context, q Query) (states []payment.State, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		query := tx.Order("id DESC").Limit(q.Limit)
		if q.OrderID != "" {
			query = query.Where("order_id = ?", q.OrderID)
		}
		if q.Before != "" {
			query = query.Where("id < ?", q.Before)
		}
		var rows []row
		if err := query.Find(&rows).Error; err != nil {
			return err
		}
		states, err = complete(tx, rows)
		return err
	})
	return states, err
}
