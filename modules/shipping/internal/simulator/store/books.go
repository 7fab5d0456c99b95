// Package store keeps the simulated carrier's own books.
package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Books are the carrier's parcels.
type Books struct{ db *database.DB }

// NewBooks returns the books in db, which is no module's.
func NewBooks(db *database.DB) *Books { return &Books{db} }

type row struct {
	ShipmentID     string `gorm:"column:shipment_id;primaryKey"`
	TrackingNumber string `gorm:"column:tracking_number"`
	Country        string `gorm:"column:country"`
	TakenAt        int64  `gorm:"column:taken_at"`
	DeliveredAt    int64  `gorm:"column:delivered_at"`
}

// TableName names the table.
func (row) TableName() string { return "carrier_parcels" }

// Take keeps a parcel, and returns the one it knows by that key if there is one.
func (b *Books) Take(ctx context.Context, p simulator.Parcel) (taken simulator.Parcel, err error) {
	err = b.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		r := row{ShipmentID: p.ShipmentID, TrackingNumber: p.TrackingNumber, Country: p.Country, TakenAt: p.TakenAt.UnixMicro()}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error; err != nil {
			return err
		}
		var kept row
		err := tx.Where("shipment_id = ?", p.ShipmentID).Take(&kept).Error
		taken = kept.parcel()
		return err
	})
	return taken, err
}

// Deliver notes when a parcel arrived, if it has not; an unknown one is fault.NotFound.
func (b *Books) Deliver(ctx context.Context, shipmentID string, at time.Time) error {
	return b.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		var n int64
		if err := tx.Model(&row{}).Where("shipment_id = ?", shipmentID).Count(&n).Error; err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "the carrier has no parcel %s", shipmentID)
		}
		return tx.Model(&row{}).Where("shipment_id = ? AND delivered_at = 0", shipmentID).Update("delivered_at", at.UnixMicro()).Error
	})
}

// Parcels returns every parcel in db, in the order of the shipments' ids.
func Parcels(ctx context.Context, db *database.DB) (parcels []simulator.Parcel, err error) {
	var rows []row
	err = db.Query(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Order("shipment_id").Find(&rows).Error })
	for _, r := range rows {
		parcels = append(parcels, r.parcel())
	}
	return parcels, err
}

func (r row) parcel() simulator.Parcel {
	p := simulator.Parcel{
		ShipmentID: r.ShipmentID, TrackingNumber: r.TrackingNumber, Country: r.Country, TakenAt: time.UnixMicro(r.TakenAt).UTC(),
	}
	if r.DeliveredAt != 0 {
		p.DeliveredAt = time.UnixMicro(r.DeliveredAt).UTC()
	}
	return p
}
