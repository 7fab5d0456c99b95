package checkout_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// openAll opens an inventory as all processes do that share its database.
func openAll(t *testing.T) (houses []house) {
	t.Helper()
	for _, db := range databasetest.Instances(t, "inventory", inventorysql.Files) {
		s := store.NewStock(db, outbox.New(db, nil))
		houses = append(houses, house{Keeper: checkout.NewKeeper(s), db: db, stock: s})
	}
	return houses
}

func TestProcessesSellTheSameFewProducts(t *testing.T) {
	houses := openAll(t)
	const products, orders = 12, 600
	for i := range products {
		houses[0].receive(t, sku(i), 100)
	}
	announce := announcing(t, houses)

	var buyers errgroup.Group
	buyers.SetLimit(64)
	for i := range orders {
		buyers.Go(func() error {
			h, id := houses[i%len(houses)], fmt.Sprintf("order-%03d", i)
			var wanted []ordering.Line
			for range 1 + rand.N(4) {
				wanted = append(wanted, line(sku(rand.N(products)), 1))
			}
			if err := h.OrderPlaced(t.Context(), placed(id, wanted...)); err != nil {
				return err
			}
			if i%3 == 0 || h.states(t)[id] != "reserved" {
				return h.OrderCancelled(t.Context(), &ordering.OrderCancelled{OrderID: id})
			}
			return h.OrderConfirmed(t.Context(), &ordering.OrderConfirmed{OrderID: id})
		})
	}
	require.NoError(t, buyers.Wait())
	announce()

	houses[0].balanced(t, t.Context())
	for i := range products {
		require.Zero(t, houses[0].level(t, sku(i)).Reserved)
	}
}

// announcing announces levels in all processes, until it is told to stop.
func announcing(t *testing.T, houses []house) (stop func()) {
	t.Helper()
	var working sync.WaitGroup
	quit := make(chan struct{})
	for _, h := range houses {
		working.Go(func() {
			for {
				select {
				case <-quit:
					return
				default:
				}
				if _, err := h.stock.Announce(t.Context(), 100); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return func() { close(quit); working.Wait() }
}
