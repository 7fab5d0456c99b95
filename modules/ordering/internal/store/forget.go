package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
)

// Forgetting is the kind of task that forgets a customer. Its key is the customer's id.
const Forgetting = "forget"

// ForgetLater adds to the unit of work that ctx belongs to that the customer is forgotten at due.
func (s *Orders) ForgetLater(ctx context.Context, customer string, due time.Time) error {
	return s.tasks.Add(ctx, Forgetting, customer, nil, due)
}

// ended are the statuses of which nothing leaves the house any more.
var ended = []order.Status{order.Delivered, order.Cancelled}

// Forget erases what says who a customer is from the customer's orders: at once where they have ended,
// and where they run as soon as they end.
func (s *Orders) Forget(ctx context.Context, customer string) error {
	return s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		own := tx.Model(&orderRow{}).Where("customer_id = ?", customer).Session(&gorm.Session{})
		erased := map[string]any{
			"address_name": order.Erased, "address_line1": "", "address_line2": "",
			"address_city": "", "address_postal_code": "",
		}
		// All are marked first, which waits for whoever is changing one: it has ended after that, or erases
		// itself when it ends.
		if err := own.Update("customer_gone", true).Error; err != nil {
			return err
		}
		if err := own.Where("status IN ?", ended).Updates(erased).Error; err != nil {
			return err
		}
		return tx.Model(&returnRow{}).Where("order_id IN (?)", own.Select("id")).Update("reason", order.Erased).Error
	})
}
