package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	catalogsql "github.com/pangaea-shop/pangaea/migrations/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// openAll opens a catalog as all processes do that share its database.
func openAll(t *testing.T) (shelves []shelf) {
	t.Helper()
	for _, db := range databasetest.Instances(t, "catalog", catalogsql.Files) {
		shelves = append(shelves, shelf{store.NewProducts(db, outbox.New(db, nil)), db})
	}
	return shelves
}

// crowd has n members of staff act at once, on all shelves.
func crowd(t *testing.T, shelves []shelf, n int, act func(i int, s shelf) error) {
	t.Helper()
	var staff errgroup.Group
	for i := range n {
		staff.Go(func() error { return act(i, shelves[i%len(shelves)]) })
	}
	require.NoError(t, staff.Wait())
}

func TestManyListTheSameProductAndOneDoes(t *testing.T) {
	shelves := openAll(t)
	var listed atomic.Int64
	const products = 10
	crowd(t, shelves, 20*products, func(i int, s shelf) error {
		did, err := s.List(context.Background(), fmt.Sprint("MUG-", i/20), content("Mug", "Kitchen", 1450), opening)
		if did {
			listed.Add(1)
		}
		return err
	})
	require.EqualValues(t, products, listed.Load())
	for i := range products {
		require.Len(t, shelves[0].told(t, fmt.Sprint("MUG-", i)), 1)
	}
}

func TestNoChangeOfAProductIsLost(t *testing.T) {
	shelves := openAll(t)
	shelves[0].list(t, "MUG", content("Mug", "Kitchen", 1000))
	crowd(t, shelves, 60, func(_ int, s shelf) error {
		return s.Update(context.Background(), "MUG", func(p *product.Product) error {
			dearer := money.New(p.State().Price.Amount+1, "GBP")
			return p.Revise(product.Revision{Price: &dearer})
		})
	})
	found, err := shelves[0].Find(t.Context(), "MUG")
	require.NoError(t, err)
	require.Equal(t, money.New(1060, "GBP"), found.Price)
	require.Len(t, shelves[0].told(t, "MUG"), 61)
}

func TestOneOfManyProcessesThatStartAtOnceOpensTheShop(t *testing.T) {
	shelves := openAll(t)
	const products = 30
	crowd(t, shelves, 10, func(release int, s shelf) error {
		first := make([]product.State, products)
		for i := range first {
			first[i] = product.State{SKU: fmt.Sprint("MUG-", i), Content: content("Mug", "Kitchen", 1450+int64(release))}
		}
		return s.ListFirst(context.Background(), first, opening)
	})
	require.Len(t, shelves[0].find(t, store.Query{}), products)
	require.Len(t, shelves[0].told(t, "MUG-7"), 1)
}
