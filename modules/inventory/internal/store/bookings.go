package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// bookingRow is a booking as the database sees it.
type bookingRow struct {
	SKU       string `gorm:"column:sku;primaryKey"`
	Kind      string `gorm:"column:kind;primaryKey"`
	Reference string `gorm:"column:reference;primaryKey"`
	Quantity  int64  `gorm:"column:quantity"`
	Reason    string `gorm:"column:reason"`
	BookedBy  string `gorm:"column:booked_by"`
	BookedAt  int64  `gorm:"column:booked_at"` // microseconds
}

// TableName names the table.
func (bookingRow) TableName() string { return "bookings" }

// Book keeps a booking and returns the level after it. The stock does not ask the catalog: goods may
// come in before their product is listed.
func (s *Stock) Book(ctx context.Context, b stock.Booking, at time.Time) (after stock.Level, err error) {
	err = s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.alone(ctx); err != nil {
			return err
		}
		locked, err := lockOrOpen(tx, b.SKU)
		if err != nil {
			return err
		}
		level := locked.levels[b.SKU]
		known, err := knows(tx, b)
		if err != nil || known {
			after = *level
			return err
		}
		if err := level.Book(b); err != nil {
			return err
		}
		after = *level
		if err := locked.save(tx); err != nil {
			return err
		}
		return tx.Create(&bookingRow{
			SKU: b.SKU, Kind: string(b.Kind), Reference: b.Reference, Quantity: b.Quantity,
			Reason: b.Reason, BookedBy: b.By, BookedAt: at.UnixMicro(),
		}).Error
	})
	return after, err
}

// BookFirst keeps the very first bookings, all or none. Where there ever was a booking it does nothing: of
// several processes that start at once, one fills the stock.
func (s *Stock) BookFirst(ctx context.Context, first []stock.Booking, at time.Time) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.alone(ctx); err != nil {
			return err
		}
		var bookings int64
		if err := tx.Model(&bookingRow{}).Count(&bookings).Error; err != nil || bookings > 0 {
			return err
		}
		for _, b := range first {
			if _, err := s.Book(ctx, b, at); err != nil {
				return fmt.Errorf("book %s: %w", b.SKU, err)
			}
		}
		return nil
	})
}

// lockOrOpen locks the level of a product, and makes one at zero where there is none.
func lockOrOpen(tx *gorm.DB, sku string) (lockedLevels, error) {
	locked, err := lock(tx, []string{sku})
	if err != nil || locked.levels[sku] != nil {
		return locked, err
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&levelRow{SKU: sku}).Error; err != nil {
		return locked, err
	}
	return lock(tx, []string{sku})
}

// knows reports whether the booking is there already. The same reference for something else is a mistake.
func knows(tx *gorm.DB, b stock.Booking) (bool, error) {
	var row bookingRow
	err := tx.Where("sku = ? AND kind = ? AND reference = ?", b.SKU, string(b.Kind), b.Reference).Take(&row).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return false, nil
	case err != nil:
		return false, err
	case row.Quantity != b.Quantity:
		return false, fault.New(fault.Conflict, "%s %q of %s is booked with %d pieces already", b.Kind, b.Reference, b.SKU, row.Quantity).
			WithCode("booked-differently")
	}
	return true, nil
}
