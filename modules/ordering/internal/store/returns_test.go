package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func TestAReturnIsSavedAtEveryStep(t *testing.T) {
	orders, db := open(t)
	id := delivered(t, orders, "ada")
	var asked order.Return
	change := func(step func(*order.Order) error) {
		t.Helper()
		require.NoError(t, orders.UpdateWithReturns(t.Context(), id, step))
	}

	change(func(o *order.Order) (err error) {
		asked, err = o.RequestReturn([]ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 1}}, "too blue", noon)
		return err
	})
	require.Equal(t, []order.Return{asked}, returnsOf(t, orders, id))

	change(func(o *order.Order) error { return o.AcceptReturn(asked.ID, noon) })
	change(func(o *order.Order) error { return o.RefundReturn(asked.ID, asked.Amount, noon) })
	after := returnsOf(t, orders, id)[0]
	require.Equal(t, order.Refunded, after.Status)
	require.Equal(t, asked.Lines, after.Lines)
	require.WithinDuration(t, noon, after.DecidedAt, 1000)
	found, err := orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	require.Equal(t, asked.Amount, found.Refunded)
	require.Contains(t, announced(t, db), "ordering.ReturnAccepted")

	owner, err := orders.OrderOfReturn(t.Context(), asked.ID)
	require.NoError(t, err)
	require.Equal(t, id, owner)
	_, err = orders.OrderOfReturn(t.Context(), "missing")
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestReturnsAreListedByStatus(t *testing.T) {
	orders, _ := open(t)
	id := delivered(t, orders, "ada")
	for i := range 2 {
		require.NoError(t, orders.UpdateWithReturns(t.Context(), id, func(o *order.Order) error {
			r, err := o.RequestReturn([]ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 1}}, "too blue", noon)
			if err == nil && i == 0 {
				err = o.RejectReturn(r.ID, "it is red", noon)
			}
			return err
		}))
	}
	all, err := orders.ListReturns(t.Context(), "", "", 10)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Len(t, all[0].Lines, 1)
	rejected, err := orders.ListReturns(t.Context(), "rejected", "", 10)
	require.NoError(t, err)
	require.Equal(t, all[1:], rejected)
	next, err := orders.ListReturns(t.Context(), "", all[0].ID, 10)
	require.NoError(t, err)
	require.Equal(t, all[1:], next)
}

func TestAClosedAccountIsForgotten(t *testing.T) {
	orders, _ := open(t)
	ended, running, other := delivered(t, orders, "ada"), place(t, orders, draft("ada")).State().ID, delivered(t, orders, "bob")
	for _, id := range []string{ended, other} {
		require.NoError(t, orders.UpdateWithReturns(t.Context(), id, func(o *order.Order) error {
			_, err := o.RequestReturn([]ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 1}}, "I am Ada", noon)
			return err
		}))
	}

	for range 2 {
		require.NoError(t, orders.Forget(t.Context(), "ada"))
	}

	erased := ordering.Address{Name: order.Erased, Country: "GB"}
	require.Equal(t, erased, address(t, orders, ended))
	require.Equal(t, order.Erased, returnsOf(t, orders, ended)[0].Reason)
	require.Equal(t, "Ada", address(t, orders, running).Name, "the goods still have to get there")
	require.Equal(t, "Ada", address(t, orders, other).Name)
	require.Equal(t, "I am Ada", returnsOf(t, orders, other)[0].Reason)
	update(t, orders, running, at((*order.Order).RequestCancellation))
	require.Equal(t, erased, address(t, orders, running))
}

func TestWhoeverWatchesAnOrderIsWoken(t *testing.T) {
	orders, _ := open(t)
	id := place(t, orders, draft("ada")).State().ID
	changed, stop := orders.Watch(id)

	update(t, orders, place(t, orders, draft("ada")).State().ID, at((*order.Order).Reserve))
	require.Empty(t, changed, "that was another order")
	update(t, orders, id, at((*order.Order).Reserve), at((*order.Order).Confirm))
	require.Len(t, changed, 1)
	<-changed
	update(t, orders, id, at((*order.Order).Confirm))
	require.Empty(t, changed, "nothing new")
	stop()
	update(t, orders, id, at((*order.Order).RequestCancellation))
	require.Empty(t, changed)
}

func delivered(t *testing.T, orders *store.Orders, customer string) string {
	t.Helper()
	id := place(t, orders, draft(customer)).State().ID
	update(t, orders, id, at((*order.Order).Reserve), at((*order.Order).Confirm))
	require.NoError(t, orders.UpdateWithLines(t.Context(), id, at((*order.Order).MarkPaid)))
	update(t, orders, id, at((*order.Order).Dispatch), at((*order.Order).Deliver))
	return id
}

func returnsOf(t *testing.T, orders *store.Orders, id string) []order.Return {
	t.Helper()
	found, err := orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	return found.Returns
}

func address(t *testing.T, orders *store.Orders, id string) ordering.Address {
	t.Helper()
	found, err := orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	return found.Address
}
