package demo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/demo"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

func TestAFirstStartFindsStock(t *testing.T) {
	db := databasetest.Open(t, "inventory", inventorysql.Files)
	stock := store.NewStock(db, outbox.New(db, nil))

	require.NoError(t, demo.Fill(t.Context(), demo.Settings{Demo: false}, stock, time.Now()))
	figures, err := store.Figures(t.Context(), db)
	require.NoError(t, err)
	require.Empty(t, figures)

	for range 2 { // the second is a second start
		require.NoError(t, demo.Fill(t.Context(), demo.Settings{Demo: true}, stock, time.Now()))
	}

	figures, err = store.Figures(t.Context(), db)
	require.NoError(t, err)
	require.Len(t, figures, 26)
	for _, f := range figures {
		require.Positive(t, f.OnHand, f.SKU)
		require.Equal(t, f.Receipts, f.OnHand, f.SKU)
	}
}
