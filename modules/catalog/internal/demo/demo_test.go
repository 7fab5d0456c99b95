package demo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	catalogsql "github.com/pangaea-shop/pangaea/migrations/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/demo"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

func TestAFirstStartFindsAShop(t *testing.T) {
	db := databasetest.Open(t, "catalog", catalogsql.Files)
	products := store.NewProducts(db, outbox.New(db, nil))

	require.NoError(t, demo.Fill(t.Context(), demo.Settings{Demo: false}, products, time.Now()))
	categories, err := products.Categories(t.Context())
	require.NoError(t, err)
	require.Empty(t, categories)

	for range 2 { // the second is a second start
		require.NoError(t, demo.Fill(t.Context(), demo.Settings{Demo: true}, products, time.Now()))
	}

	categories, err = products.Categories(t.Context())
	require.NoError(t, err)
	require.Len(t, categories, 6)
	found, err := products.Search(t.Context(), store.Query{Limit: 100})
	require.NoError(t, err)
	require.Len(t, found, 26)
	for _, p := range found {
		require.NotEmpty(t, p.Description, p.SKU)
		require.Positive(t, p.Price.Amount, p.SKU)
	}
}
