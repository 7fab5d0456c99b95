package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
)

// Forget erases where the customer's shipments went that have ended, and marks those that have not, and
// whatever may still come. It does not see what others are adding at that moment, and they do not see it:
// forget once more when they have ended.
func (s *Shipments) Forget(ctx context.Context, customerID string) error {
	return s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		r := recipientRow{CustomerID: customerID, ForgottenAt: time.Now().UnixMicro()}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error; err != nil {
			return err
		}
		theirs := tx.Model(&row{}).Where("customer_id = ?", customerID)
		if err := theirs.Update("forget", true).Error; err != nil {
			return err
		}
		erased := shipment.Address{}.Erased()
		return tx.Model(&row{}).
			Where("customer_id = ? AND status IN ?", customerID, []string{string(shipment.Delivered), string(shipment.Cancelled)}).
			Updates(map[string]any{ // the country stays
				"address_name": erased.Name, "address_line1": erased.Line1, "address_line2": erased.Line2,
				"address_city": erased.City, "address_postal_code": erased.PostalCode,
			}).Error
	})
}

// Forgotten reports whether the customer's account is closed.
func (s *Shipments) Forgotten(ctx context.Context, customerID string) (forgotten bool, err error) {
	err = s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		var n int64
		err := tx.Model(&recipientRow{}).Where("customer_id = ?", customerID).Count(&n).Error
		forgotten = n > 0
		return err
	})
	return forgotten, err
}
