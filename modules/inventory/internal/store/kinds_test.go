package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// The stories in this file have one ending on every kind of database.

func TestReferencesThatLookAlikeAreNotTheSame(t *testing.T) {
	s, _ := open(t)
	references := []string{
		"delivery", "Delivery", "délivery", "de\u0301livery", "delivery%", "deliver_", `delivery\`, "delivery'", "delivery?", "🫖",
		strings.Repeat("🫖", 100), strings.Repeat("🫖", 99) + "🍵",
	}
	sku := strings.Repeat("S", 32)
	for i, reference := range references {
		for range 2 {
			level, err := s.Book(t.Context(), receipt(sku, reference, 1), time.Now())
			require.NoError(t, err, reference)
			require.EqualValues(t, i+1, level.OnHand, reference)
		}
	}
	adjusted := stock.Booking{SKU: sku, Kind: stock.Adjustment, Reference: "a", Quantity: -1, Reason: strings.Repeat("🫖", 500), By: strings.Repeat("b", 64)}
	_, err := s.Book(t.Context(), adjusted, time.Now())
	require.NoError(t, err)
}

func TestThereMayBeMoreThanAnybodyHas(t *testing.T) {
	s, db := open(t)
	for i := range 4 {
		_, err := s.Book(t.Context(), receipt("MUG", fmt.Sprint(i), stock.MaxBooked), time.Now())
		require.NoError(t, err)
	}
	require.NoError(t, s.Update(t.Context(), strings.Repeat("o", 64), []string{"MUG"}, func(r *stock.Reservation) error {
		r.Reserve(stock.Pieces{"MUG": 3 * stock.MaxBooked})
		return nil
	}))
	figures, err := store.Figures(t.Context(), db)
	require.NoError(t, err)
	require.Equal(t, []store.Figure{{
		SKU: "MUG", OnHand: stock.MaxBooked, Reserved: 3 * stock.MaxBooked, Receipts: 4 * stock.MaxBooked, Held: 3 * stock.MaxBooked,
	}}, figures)
	_, err = s.Book(t.Context(), adjustment("MUG", -stock.MaxBooked-1), time.Now())
	require.True(t, fault.Is(err, fault.Invalid))
}
