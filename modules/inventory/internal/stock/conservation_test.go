package stock_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
)

// house is a stock room with everything that ever happened in it, counted apart from the levels.
type house struct {
	levels map[string]*stock.Level
	booked map[string]int64
	orders map[string]stock.State
}

var skus = []string{"MUG", "CUP", "TEAPOT"}

func newHouse() *house {
	h := &house{levels: map[string]*stock.Level{}, booked: map[string]int64{}, orders: map[string]stock.State{}}
	for _, sku := range skus {
		h.levels[sku] = &stock.Level{SKU: sku}
	}
	return h
}

// change restores an order, lets act change it, and keeps the outcome unless that is an error.
func (h *house) change(orderID string, act func(*stock.Reservation) error) {
	before := map[string]stock.Level{}
	for sku, level := range h.levels {
		before[sku] = *level
	}
	state, known := h.orders[orderID]
	if !known {
		state = stock.State{OrderID: orderID}
	}
	r := stock.Restore(state, h.levels)
	if act(r) != nil {
		for sku, level := range before {
			*h.levels[sku] = level
		}
		return
	}
	h.orders[orderID] = r.State()
}

func (h *house) check(t require.TestingT) {
	for sku, level := range h.levels {
		var held, sold int64
		for _, order := range h.orders {
			switch order.Status {
			case stock.Reserved:
				held += order.Held[sku]
			case stock.Sold:
				sold += order.Held[sku]
				for _, back := range order.Returns {
					sold -= back[sku]
				}
			}
		}
		require.GreaterOrEqual(t, level.OnHand, int64(0), "%s is oversold", sku)
		require.GreaterOrEqual(t, sold, int64(0), "more of %s came back than was sold", sku)
		require.Equal(t, held, level.Reserved, "reserved pieces of %s", sku)
		require.Equal(t, h.booked[sku], level.OnHand+level.Reserved+sold, "pieces of %s", sku)
	}
}

func TestStockIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHouse()
		order := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("order-%d", rapid.IntRange(1, 4).Draw(t, "order")) })
		pieces := rapid.MapOfN(rapid.SampledFrom(skus), rapid.Int64Range(1, 9), 1, 3)
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { h.check(t) },
			"book": func(t *rapid.T) {
				b := stock.Booking{SKU: rapid.SampledFrom(skus).Draw(t, "sku"), Kind: stock.Adjustment, Quantity: rapid.Int64Range(-9, 30).Draw(t, "quantity")}
				if h.levels[b.SKU].Book(b) == nil {
					h.booked[b.SKU] += b.Quantity
				}
			},
			"place": func(t *rapid.T) {
				wanted := stock.Pieces(pieces.Draw(t, "wanted"))
				h.change(order.Draw(t, "order"), func(r *stock.Reservation) error { r.Reserve(wanted); return nil })
			},
			"confirm": func(t *rapid.T) { h.change(order.Draw(t, "order"), (*stock.Reservation).Sell) },
			"cancel": func(t *rapid.T) {
				h.change(order.Draw(t, "order"), func(r *stock.Reservation) error { r.Cancel(); return nil })
			},
			"return": func(t *rapid.T) {
				id := fmt.Sprintf("return-%d", rapid.IntRange(1, 6).Draw(t, "return"))
				back := stock.Pieces(pieces.Draw(t, "back"))
				h.change(order.Draw(t, "order"), func(r *stock.Reservation) error { return r.TakeBack(id, back) })
			},
		})
	})
}
