package checkout_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/ordering"
)

func TestTwoHundredBuyersRaceForTheLastFifty(t *testing.T) {
	h := open(t)
	h.receive(t, "LAST", 50)
	h.receive(t, "MUG", 1000)

	done, stop := context.WithCancel(t.Context())
	defer stop()
	var auditor errgroup.Group
	snapshots := 0
	auditor.Go(func() error {
		for done.Err() == nil {
			h.balanced(t, t.Context()) // at every moment, not only in the end
			snapshots++
		}
		return nil
	})

	var buyers errgroup.Group
	for i := range 200 {
		buyers.Go(func() error {
			id := fmt.Sprintf("order-%03d", i)
			return h.OrderPlaced(t.Context(), placed(id, line("MUG", 1), line("LAST", 1)))
		})
	}
	require.NoError(t, buyers.Wait())

	var winners []string
	for id, state := range h.states(t) {
		if state == "reserved" {
			winners = append(winners, id)
		}
	}
	require.Len(t, winners, 50)
	for _, id := range winners {
		buyers.Go(func() error { return h.OrderConfirmed(t.Context(), &ordering.OrderConfirmed{OrderID: id}) })
	}
	require.NoError(t, buyers.Wait())
	stop()
	require.NoError(t, auditor.Wait())

	require.Positive(t, snapshots)
	require.Equal(t, stock.Level{SKU: "LAST"}, h.level(t, "LAST"))
	require.Equal(t, stock.Level{SKU: "MUG", OnHand: 950}, h.level(t, "MUG"))
	h.balanced(t, t.Context())
}
