package checkout_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func TestAnOrderIsReservedSoldAndPartlyReturned(t *testing.T) {
	h := open(t)
	h.receive(t, "MUG", 10)
	ctx := t.Context()

	require.NoError(t, h.OrderPlaced(ctx, placed("o", line("MUG", 3), line("MUG", 1))))
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 6, Reserved: 4}, h.level(t, "MUG"))

	require.NoError(t, h.OrderConfirmed(ctx, &ordering.OrderConfirmed{OrderID: "o"}))
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 6}, h.level(t, "MUG"))

	back := &ordering.ReturnAccepted{ReturnID: "r", OrderID: "o", Lines: []ordering.Line{line("MUG", 3)}}
	require.NoError(t, h.ReturnAccepted(ctx, back))
	require.NoError(t, h.ReturnAccepted(ctx, back), "the same return again")
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 9}, h.level(t, "MUG"))

	more := &ordering.ReturnAccepted{ReturnID: "r2", OrderID: "o", Lines: []ordering.Line{line("MUG", 2)}}
	require.True(t, fault.Is(h.ReturnAccepted(ctx, more), fault.Conflict), "more than was sold")
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 9}, h.level(t, "MUG"))

	require.Equal(t, []string{"inventory.StockReserved"}, h.told(t, "o"))
	h.balanced(t, ctx)
}

func TestACancelledOrderGivesBackWhatItHeld(t *testing.T) {
	h := open(t)
	h.receive(t, "MUG", 5)
	ctx := t.Context()
	for _, id := range []string{"reserved", "sold"} {
		require.NoError(t, h.OrderPlaced(ctx, placed(id, line("MUG", 2))))
	}
	require.NoError(t, h.OrderConfirmed(ctx, &ordering.OrderConfirmed{OrderID: "sold"}))
	require.NoError(t, h.OrderPlaced(ctx, placed("rejected", line("MUG", 2))))

	for _, id := range []string{"reserved", "sold", "rejected", "never placed"} {
		require.NoError(t, h.OrderCancelled(ctx, &ordering.OrderCancelled{OrderID: id}))
		require.NoError(t, h.OrderCancelled(ctx, &ordering.OrderCancelled{OrderID: id}), "again")
	}
	require.NoError(t, h.OrderPlaced(ctx, placed("never placed", line("MUG", 1))), "after its cancellation")

	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 5}, h.level(t, "MUG"))
	require.Equal(t, map[string]string{
		"reserved": "released", "sold": "restocked", "rejected": "released", "never placed": "released",
	}, h.states(t))
	require.Equal(t, []string{"inventory.StockReserved", "inventory.StockReleased"}, h.told(t, "sold"))
	require.Equal(t, []string{"inventory.StockRejected", "inventory.StockReleased"}, h.told(t, "rejected"))
	require.Equal(t, []string{"inventory.StockReleased"}, h.told(t, "never placed"))
	h.balanced(t, ctx)
}

func TestAnOrderMayHaveAsManyLinesAsItLikes(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	var lines []ordering.Line
	for i := range 1200 {
		sku := fmt.Sprintf("SKU-%04d", i)
		h.receive(t, sku, 2)
		lines = append(lines, line(sku, 2))
	}

	require.NoError(t, h.OrderPlaced(ctx, placed("big", lines...)))
	require.NoError(t, h.OrderPlaced(ctx, placed("late", line("SKU-1199", 1), line("SKU-0000", 1))))
	require.NoError(t, h.OrderConfirmed(ctx, &ordering.OrderConfirmed{OrderID: "big"}))

	require.Equal(t, map[string]string{"big": "sold", "late": "rejected"}, h.states(t))
	h.balanced(t, ctx)
}

func TestAnOrderThatCannotBeCountedIsRefused(t *testing.T) {
	h := open(t)
	h.receive(t, "MUG", 5)
	for _, quantity := range []int64{0, -3} {
		require.True(t, fault.Is(h.OrderPlaced(t.Context(), placed("o", line("MUG", quantity))), fault.Invalid))
	}
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 5}, h.level(t, "MUG"))
}
