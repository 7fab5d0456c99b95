package stock_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func fiveMugs() map[string]*stock.Level {
	return map[string]*stock.Level{"MUG": {SKU: "MUG", OnHand: 5}}
}

func TestAnOrderIsReservedAsAWholeOrNotAtAll(t *testing.T) {
	levels := fiveMugs()
	levels["CUP"] = &stock.Level{SKU: "CUP", OnHand: 1}
	r := stock.Restore(stock.State{OrderID: "o"}, levels)

	r.Reserve(stock.Pieces{"MUG": 5, "CUP": 2, "GHOST": 1})

	require.Equal(t, []stock.Event{inventory.StockRejected{OrderID: "o", Missing: []inventory.Missing{
		{SKU: "CUP", Wanted: 2, Available: 1}, {SKU: "GHOST", Wanted: 1},
	}}}, r.Events())
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 5}, *levels["MUG"])
}

func TestACancelledOrderIsAnsweredOnceWhateverItsState(t *testing.T) {
	reserve := func(r *stock.Reservation) { r.Reserve(stock.Pieces{"MUG": 3}) }
	for name, before := range map[string]func(*stock.Reservation){
		"never heard of": func(*stock.Reservation) {},
		"reserved":       reserve,
		"rejected":       func(r *stock.Reservation) { r.Reserve(stock.Pieces{"MUG": 30}) },
		"sold":           func(r *stock.Reservation) { reserve(r); _ = r.Sell() },
	} {
		t.Run(name, func(t *testing.T) {
			levels := fiveMugs()
			r := stock.Restore(stock.State{OrderID: "o"}, levels)
			before(r)

			r.Cancel()
			r.Cancel()
			reserve(r) // too late

			released := 0
			for _, e := range r.Events() {
				if _, ok := e.(inventory.StockReleased); ok {
					released++
				}
			}
			require.Equal(t, 1, released)
			require.Equal(t, stock.Level{SKU: "MUG", OnHand: 5}, *levels["MUG"])
		})
	}
}

func TestWhatCameBackIsNotRestockedTwice(t *testing.T) {
	levels := fiveMugs()
	r := stock.Restore(stock.State{OrderID: "o"}, levels)
	r.Reserve(stock.Pieces{"MUG": 4})
	require.NoError(t, r.Sell())

	require.NoError(t, r.TakeBack("first", stock.Pieces{"MUG": 3}))
	require.NoError(t, r.TakeBack("first", stock.Pieces{"MUG": 3}))
	require.Equal(t, int64(4), levels["MUG"].OnHand)
	require.True(t, fault.Is(r.TakeBack("second", stock.Pieces{"MUG": 2}), fault.Conflict))

	r.Cancel()
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 5}, *levels["MUG"])
}

func TestOnlyWhatIsReservedCanBeSold(t *testing.T) {
	r := stock.Restore(stock.State{OrderID: "o"}, fiveMugs())
	require.True(t, fault.Is(r.Sell(), fault.Conflict))

	r.Cancel()
	require.NoError(t, r.Sell(), "a confirmation that crossed a cancellation changes nothing")
}

func TestABookingIsBounded(t *testing.T) {
	level := stock.Level{SKU: "MUG", OnHand: 2, Reserved: 7}
	for name, wrong := range map[string]stock.Booking{
		"nothing comes in":         {Kind: stock.Receipt, Quantity: 0},
		"less than nothing":        {Kind: stock.Receipt, Quantity: -1},
		"too much":                 {Kind: stock.Receipt, Quantity: stock.MaxBooked + 1},
		"more than can be counted": {Kind: stock.Receipt, Quantity: math.MaxInt64},
		"the least":                {Kind: stock.Adjustment, Quantity: math.MinInt64},
		"no adjustment":            {Kind: stock.Adjustment, Quantity: 0},
		"what is reserved":         {Kind: stock.Adjustment, Quantity: -3},
		"control characters":       {Kind: stock.Adjustment, Quantity: 1, Reason: "a\x00b"},
		"not text":                 {Kind: stock.Receipt, Quantity: 1, Reference: "\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			before := level
			require.Error(t, level.Book(wrong))
			require.Equal(t, before, level)
		})
	}
	full := stock.Level{SKU: "MUG", OnHand: stock.MaxOnHand}
	require.True(t, fault.Is(full.Book(stock.Booking{Kind: stock.Receipt, Quantity: 1}), fault.Invalid))
}

func TestPiecesCannotOverflow(t *testing.T) {
	p := stock.Pieces{}
	require.NoError(t, p.Add("MUG", math.MaxInt64))
	require.Error(t, p.Add("MUG", 1))
	require.Error(t, p.Add("CUP", 0))
	require.Error(t, p.Add("CUP", -1))
}
