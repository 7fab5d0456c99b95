package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

const (
	maxQuoted    = 2000 // products in one question: as many as an order may have
	quotedAtOnce = 500  // products in one statement
)

// Quote answers catalog.Prices on one snapshot.
func (s *Products) Quote(ctx context.Context, skus []string) (map[string]catalog.Quote, error) {
	if len(skus) > maxQuoted {
		return nil, fault.New(fault.Invalid, "%d products are more than the %d that are quoted at a time", len(skus), maxQuoted)
	}
	quotes := make(map[string]catalog.Quote, len(skus))
	read := s.db.Query
	if len(skus) > quotedAtOnce {
		read = s.db.Read
	}
	err := read(ctx, func(ctx context.Context, tx *gorm.DB) error {
		for chunk := range slices.Chunk(skus, quotedAtOnce) {
			var rows []productRow
			err := tx.Select("sku", "name", "price_amount", "price_currency").
				Where("sku IN ? AND withdrawn = ?", chunk, false).Find(&rows).Error
			if err != nil {
				return err
			}
			for _, row := range rows {
				price := catalog.Money{Amount: row.PriceAmount, Currency: row.PriceCurrency}
				quotes[row.SKU] = catalog.Quote{SKU: row.SKU, Name: row.Name, Price: price}
			}
		}
		return nil
	})
	return quotes, err
}
