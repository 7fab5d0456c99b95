package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	catalogsql "github.com/pangaea-shop/pangaea/migrations/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

var opening = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// shelf is a catalog on a database of its own.
type shelf struct {
	*store.Products
	db *database.DB
}

func open(t *testing.T) shelf {
	t.Helper()
	db := databasetest.Open(t, "catalog", catalogsql.Files)
	return shelf{store.NewProducts(db, outbox.New(db, nil)), db}
}

func content(name, category string, pence int64) product.Content {
	return product.Content{Name: name, Category: category, Price: money.New(pence, "GBP")}
}

// list puts a product on sale.
func (s shelf) list(t *testing.T, sku string, c product.Content) {
	t.Helper()
	_, err := s.List(t.Context(), sku, c, opening)
	require.NoError(t, err)
}

func (s shelf) withdraw(t *testing.T, sku string) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), sku, func(p *product.Product) error { p.Withdraw(); return nil }))
}

// find returns the SKUs that a search finds.
func (s shelf) find(t *testing.T, q store.Query) []string {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 50
	}
	found, err := s.Search(t.Context(), q)
	require.NoError(t, err)
	skus := []string{}
	for _, l := range found {
		skus = append(skus, l.SKU)
	}
	return skus
}

// told returns the names of the events about a product, in their order.
func (s shelf) told(t *testing.T, sku string) []string {
	t.Helper()
	var names []string
	require.NoError(t, s.db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_events").Where("event_key = ?", sku).Order("position").Pluck("name", &names).Error
	}))
	return names
}
