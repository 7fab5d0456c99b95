package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// crowd has n members of staff act at once, in all processes that share a database, and returns one of them.
func crowd(t *testing.T, n int, act func(i int, s *store.Stock) error) *store.Stock {
	t.Helper()
	var stocks []*store.Stock
	for _, db := range databasetest.Instances(t, "inventory", inventorysql.Files) {
		stocks = append(stocks, store.NewStock(db, outbox.New(db, nil)))
	}
	var staff errgroup.Group
	for i := range n {
		staff.Go(func() error { return act(i, stocks[i%len(stocks)]) })
	}
	require.NoError(t, staff.Wait())
	return stocks[0]
}

func TestABookingMadeManyTimesAtOnceCountsOnce(t *testing.T) {
	s := crowd(t, 120, func(i int, s *store.Stock) error {
		_, err := s.Book(context.Background(), receipt(fmt.Sprint("MUG-", i%4), fmt.Sprint("delivery ", i%3), 5), time.Now())
		return err
	})
	for i := range 4 {
		level, err := s.Find(t.Context(), fmt.Sprint("MUG-", i))
		require.NoError(t, err)
		require.EqualValues(t, 15, level.OnHand)
	}
}

func TestOneOfManyProcessesThatStartAtOnceFillsTheStock(t *testing.T) {
	s := crowd(t, 10, func(release int, s *store.Stock) error {
		var first []stock.Booking
		for i := range 20 {
			first = append(first, receipt(fmt.Sprint("MUG-", (i+release)%20), "demo", int64(100+release)))
		}
		return s.BookFirst(context.Background(), first, time.Now())
	})
	filled, err := s.Find(t.Context(), "MUG-0")
	require.NoError(t, err)
	for i := range 20 {
		level, err := s.Find(t.Context(), fmt.Sprint("MUG-", i))
		require.NoError(t, err)
		require.Equal(t, filled.OnHand, level.OnHand, "all of one release")
	}
}

// Orders move together: what happens to one after the other counts, and one that fails moves nothing.
func TestAMovementThatFailsHurtsNobodyElse(t *testing.T) {
	for _, size := range []int{1, 100} {
		s := crowd(t, size, func(i int, s *store.Stock) error {
			id := fmt.Sprint("order ", i)
			wanted := stock.Pieces{"MUG": 1}
			if _, err := s.Book(context.Background(), receipt("MUG", id, 2), time.Now()); err != nil {
				return err
			}
			reserve := func(r *stock.Reservation) error { r.Reserve(wanted); return nil }
			if err := s.Update(context.Background(), id, wanted.SKUs(), reserve); err != nil {
				return err
			}
			refused := s.Update(context.Background(), "stranger "+id, nil, (*stock.Reservation).Sell)
			if !fault.Is(refused, fault.Conflict) {
				return fmt.Errorf("sold what was not reserved: %w", refused)
			}
			return s.Update(context.Background(), id, nil, (*stock.Reservation).Sell)
		})
		level, err := s.Find(t.Context(), "MUG")
		require.NoError(t, err)
		require.Equal(t, stock.Level{SKU: "MUG", OnHand: int64(size)}, level)
	}
}
