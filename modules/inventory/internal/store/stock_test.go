package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

func open(t *testing.T) (*store.Stock, *database.DB) {
	t.Helper()
	db := databasetest.Open(t, "inventory", inventorysql.Files)
	return store.NewStock(db, outbox.New(db, nil)), db
}

func receipt(sku, reference string, quantity int64) stock.Booking {
	return stock.Booking{SKU: sku, Kind: stock.Receipt, Reference: reference, Quantity: quantity, By: "staff"}
}

func adjustment(sku string, quantity int64) stock.Booking {
	return stock.Booking{SKU: sku, Kind: stock.Adjustment, Reference: fmt.Sprint(quantity), Quantity: quantity, Reason: "broken", By: "staff"}
}

func TestABookingCountsOnce(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()

	first, err := s.Book(ctx, receipt("MUG", "delivery 1", 7), time.Now())
	require.NoError(t, err)
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 7}, first)

	again, err := s.Book(ctx, receipt("MUG", "delivery 1", 7), time.Now())
	require.NoError(t, err)
	require.Equal(t, first, again)

	_, err = s.Book(ctx, receipt("MUG", "delivery 1", 8), time.Now())
	require.True(t, fault.Is(err, fault.Conflict), "the same reference for something else")

	other, err := s.Book(ctx, receipt("CUP", "delivery 1", 8), time.Now())
	require.NoError(t, err, "references are per product")
	require.Equal(t, int64(8), other.OnHand)
}

func TestAnAdjustmentLeavesWhatIsReserved(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	_, err := s.Book(ctx, receipt("MUG", "delivery 1", 7), time.Now())
	require.NoError(t, err)
	require.NoError(t, s.Update(ctx, "o", []string{"MUG"}, func(r *stock.Reservation) error {
		r.Reserve(stock.Pieces{"MUG": 5})
		return nil
	}))

	_, err = s.Book(ctx, adjustment("MUG", -3), time.Now())
	require.True(t, fault.Is(err, fault.Conflict))
	after, err := s.Book(ctx, adjustment("MUG", -2), time.Now())
	require.NoError(t, err)
	require.Equal(t, stock.Level{SKU: "MUG", Reserved: 5}, after)
}

func TestARefusedBookingLeavesNothingBehind(t *testing.T) {
	s, db := open(t)
	_, err := s.Book(t.Context(), adjustment("GHOST", -1), time.Now())
	require.True(t, fault.Is(err, fault.Conflict))

	_, err = s.Find(t.Context(), "GHOST")
	require.True(t, fault.Is(err, fault.NotFound))
	figures, err := store.Figures(t.Context(), db)
	require.NoError(t, err)
	require.Empty(t, figures)
}

func TestTheFirstBookingsAreMadeOnce(t *testing.T) {
	s, _ := open(t)
	for range 2 {
		require.NoError(t, s.BookFirst(t.Context(), []stock.Booking{receipt("MUG", "demo", 5)}, time.Now()))
	}
	_, err := s.Book(t.Context(), receipt("MUG", "delivery 1", 1), time.Now())
	require.NoError(t, err)
	require.NoError(t, s.BookFirst(t.Context(), []stock.Booking{receipt("CUP", "demo", 5)}, time.Now()))

	_, err = s.Find(t.Context(), "CUP")
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestTheLatestLevelIsAnnouncedOnce(t *testing.T) {
	s, db := open(t)
	ctx := t.Context()
	for i := range 3 {
		_, err := s.Book(ctx, receipt("MUG", fmt.Sprint(i), 5), time.Now())
		require.NoError(t, err)
	}
	_, err := s.Book(ctx, receipt("CUP", "1", 2), time.Now())
	require.NoError(t, err)

	found, err := s.Announce(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, 1, found)
	require.Equal(t, []inventory.StockLevelChanged{{SKU: "MUG", OnHand: 15, Available: 15}}, announced(t, db), "the longest waiting first")

	_, err = s.Announce(ctx, 10)
	require.NoError(t, err)
	found, err = s.Announce(ctx, 10)
	require.NoError(t, err)
	require.Zero(t, found)
	require.Len(t, announced(t, db), 2)
}

func announced(t *testing.T, db *database.DB) []inventory.StockLevelChanged {
	t.Helper()
	var payloads []string
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_events").Where("name = ?", "inventory.StockLevelChanged").Order("occurred_at").Pluck("payload", &payloads).Error
	}))
	events := make([]inventory.StockLevelChanged, len(payloads))
	for i, payload := range payloads {
		require.NoError(t, json.Unmarshal([]byte(payload), &events[i]))
	}
	return events
}
