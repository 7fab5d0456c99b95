package checkout_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/ordering"
)

// BenchmarkOrders reserves and sells orders of 1, 20 and 600 products, 64 at a time, out of 3,000.
func BenchmarkOrders(b *testing.B) {
	for _, lines := range []int{1, 20, 600} {
		b.Run(fmt.Sprintf("%d-lines", lines), func(b *testing.B) {
			h := open(b)
			var opening []stock.Booking
			for i := range 3000 {
				opening = append(opening, stock.Booking{SKU: sku(i), Kind: stock.Receipt, Reference: "opening", Quantity: stock.MaxBooked, By: "staff"})
			}
			require.NoError(b, h.stock.BookFirst(b.Context(), opening, time.Now()))

			var orders errgroup.Group
			orders.SetLimit(64)
			order := 0
			for b.Loop() {
				order++
				first := order * 37
				orders.Go(func() error {
					id := fmt.Sprintf("order-%d", first)
					var wanted []ordering.Line
					for i := range lines {
						wanted = append(wanted, line(sku((first+i*7)%3000), 1))
					}
					if err := h.OrderPlaced(b.Context(), placed(id, wanted...)); err != nil {
						return err
					}
					return h.OrderConfirmed(b.Context(), &ordering.OrderConfirmed{OrderID: id})
				})
			}
			require.NoError(b, orders.Wait())
		})
	}
}

func sku(i int) string { return fmt.Sprintf("SKU-%04d", i) }
