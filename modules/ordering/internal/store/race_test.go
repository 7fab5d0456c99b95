package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	orderingsql "github.com/pangaea-shop/pangaea/migrations/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// offices are ordering's store in all processes that share a database.
type offices []*store.Orders

func openAll(t *testing.T) (all offices) {
	t.Helper()
	for _, db := range databasetest.Instances(t, "ordering", orderingsql.Files) {
		all = append(all, store.NewOrders(db, outbox.New(db, outbox.Manifest{}), tasks.New(db)))
	}
	return all
}

// crowd has n act at once, on all stores.
func (all offices) crowd(t *testing.T, n int, act func(i int, orders *store.Orders) error) {
	t.Helper()
	var crowd errgroup.Group
	for i := range n {
		crowd.Go(func() error { return act(i, all[i%len(all)]) })
	}
	require.NoError(t, crowd.Wait())
}

func TestAReferenceThatManyUseAtOnceIsOneOrder(t *testing.T) {
	all := openAll(t)
	const references, each = 10, 20
	var ids [references][each]string
	all.crowd(t, references*each, func(i int, orders *store.Orders) error {
		d := draft("guest")
		d.Reference, d.Content = fmt.Sprint(i%references), "mugs"
		o, err := order.Place(d, noon)
		if err != nil {
			return err
		}
		placed, err := orders.Add(context.Background(), o)
		ids[i%references][i/references] = placed.ID
		return err
	})
	for _, same := range ids {
		require.NotEmpty(t, same[0])
		for _, id := range same {
			require.Equal(t, same[0], id)
		}
	}
}

func TestNoMoreComesBackThanWasSold(t *testing.T) {
	all := openAll(t)
	id := delivered(t, all[0], "ada") // two mugs
	var accepted atomic.Int32
	all.crowd(t, 30, func(_ int, orders *store.Orders) error {
		err := orders.UpdateWithReturns(context.Background(), id, func(o *order.Order) error {
			_, err := o.RequestReturn([]ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 1}}, "chipped", noon)
			return err
		})
		if fault.Is(err, fault.Invalid) {
			return nil
		}
		accepted.Add(1)
		return err
	})
	require.EqualValues(t, 2, accepted.Load())
	require.Len(t, returnsOf(t, all[0], id), 2)
}

func TestAnOrderThatEndsWhileItsCustomerIsForgottenIsForgottenToo(t *testing.T) {
	all := openAll(t)
	erased := ordering.Address{Name: order.Erased, Country: "GB"}
	for round := range 5 {
		customer := fmt.Sprint("ada ", round)
		var ids []string
		for range 20 {
			ids = append(ids, place(t, all[0], draft(customer)).State().ID)
		}
		all.crowd(t, len(ids)+1, func(i int, orders *store.Orders) error {
			if i == len(ids) {
				return orders.Forget(context.Background(), customer)
			}
			return orders.Update(context.Background(), ids[i], at((*order.Order).RequestCancellation))
		})
		for _, id := range ids {
			require.Equal(t, erased, address(t, all[0], id))
		}
	}
}
