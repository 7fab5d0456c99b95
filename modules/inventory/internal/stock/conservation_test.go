package stock_test

import (
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

var skus = []string{"MUG", "CUP"}

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
		order := rapid.SampledFrom([]string{"a", "b", "c"})
		pieces := func(most int64) *rapid.Generator[stock.Pieces] {
			return rapid.Map(rapid.MapOfN(rapid.SampledFrom(skus), rapid.Int64Range(1, most), 1, 2), func(m map[string]int64) stock.Pieces { return m })
		}
		some, few := pieces(4), pieces(2)
		reserve := func(wanted stock.Pieces) func(*stock.Reservation) error {
			return func(r *stock.Reservation) error { r.Reserve(wanted); return nil }
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { h.check(t) },
			"book": func(t *rapid.T) {
				b := stock.Booking{SKU: rapid.SampledFrom(skus).Draw(t, "sku"), Kind: stock.Adjustment, Quantity: rapid.Int64Range(-5, 20).Draw(t, "quantity")}
				if h.levels[b.SKU].Book(b) == nil {
					h.booked[b.SKU] += b.Quantity
				}
			},
			"place": func(t *rapid.T) {
				h.change(order.Draw(t, "order"), reserve(some.Draw(t, "wanted")))
			},
			"sell": func(t *rapid.T) { // the way of most orders, so that the rest has something to meet
				id := order.Draw(t, "order")
				wanted := some.Draw(t, "wanted")
				h.change(id, reserve(wanted))
				h.change(id, (*stock.Reservation).Sell)
				one := wanted.SKUs()[0]
				h.change(id, func(r *stock.Reservation) error { return r.TakeBack("r1", stock.Pieces{one: 1}) })
			},
			"confirm": func(t *rapid.T) { h.change(order.Draw(t, "order"), (*stock.Reservation).Sell) },
			"cancel": func(t *rapid.T) {
				h.change(order.Draw(t, "order"), func(r *stock.Reservation) error { r.Cancel(); return nil })
			},
			"return": func(t *rapid.T) {
				id := rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "return")
				back := few.Draw(t, "back")
				h.change(order.Draw(t, "order"), func(r *stock.Reservation) error { return r.TakeBack(id, back) })
			},
		})
	})
}
