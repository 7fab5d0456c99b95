package store

import (
	"context"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Figure says what became of an order's goods.
type Figure struct {
	OrderID        string          `json:"order_id"`
	ShipmentID     string          `json:"shipment_id"`
	Status         shipment.Status `json:"status"` // in handing_over the carrier may know more
	TrackingNumber string          `json:"tracking_number"`
}

// Figures returns every shipment in db, in the order of their ids.
func Figures(ctx context.Context, db *database.DB) (figures []Figure, err error) {
	err = db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&row{}).Select("order_id, id AS shipment_id, status, tracking_number").Order("id").Find(&figures).Error
	})
	return figures, err
}
