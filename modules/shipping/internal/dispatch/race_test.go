package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	shippingsql "github.com/pangaea-shop/pangaea/migrations/shipping"
	shippingcarriersql "github.com/pangaea-shop/pangaea/migrations/shipping_carrier"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/dispatch"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// houses are shipping in all processes that share its databases.
type houses []*house

func openAll(t *testing.T) (all houses) {
	t.Helper()
	carriers := databasetest.Instances(t, "shipping-carrier", shippingcarriersql.Files)
	for i, db := range databasetest.Instances(t, "shipping", shippingsql.Files) {
		h := &house{shipments: store.NewShipments(db, outbox.New(db, nil)), queue: tasks.New(db), carrierDB: carriers[i]}
		h.desk = dispatch.New(h.shipments, h.queue, simulator.New(books.NewBooks(carriers[i])), manual, time.Now)
		all = append(all, h)
	}
	return all
}

// crowd has n act at once, in all processes.
func (all houses) crowd(t *testing.T, n int, act func(i int, h *house) error) {
	t.Helper()
	var crowd errgroup.Group
	for i := range n {
		crowd.Go(func() error { return act(i, all[i%len(all)]) })
	}
	require.NoError(t, crowd.Wait())
}

func paidBy(customer, orderID string) *ordering.OrderPaid {
	return &ordering.OrderPaid{OrderID: orderID, CustomerID: customer, Address: home, Lines: []ordering.Line{{LineID: "1", SKU: "MUG", Quantity: 2}}}
}

func TestAnOrderIsSentOnceHoweverManyHearOfIt(t *testing.T) {
	all := openAll(t)
	const orders = 15
	all.crowd(t, 8*orders, func(i int, h *house) error {
		hear := func() error {
			return h.desk.OrderPaid(context.Background(), paidBy("ada", fmt.Sprint("order ", i%orders)))
		}
		err := hear()
		if errors.Is(err, gorm.ErrDuplicatedKey) { // nothing was done: an event is heard again
			err = hear()
		}
		return err
	})
	all.crowd(t, 8*orders, func(i int, h *house) error {
		_, err := h.desk.Dispatch(context.Background(), h.of(t, fmt.Sprint("order ", i%orders)).ID)
		return err
	})
	parcels := all[0].parcels(t)
	require.Len(t, parcels, orders)
	for _, p := range parcels {
		state, err := all[0].shipments.Find(t.Context(), p.ShipmentID)
		require.NoError(t, err)
		require.Equal(t, p.TrackingNumber, state.TrackingNumber)
		require.Len(t, state.Lines, 1)
	}
}

func TestWhatIsPaidWhileItsCustomerLeavesIsForgottenToo(t *testing.T) {
	all := openAll(t)
	for round := range 5 {
		customer, order := fmt.Sprint("ada ", round), func(i int) string { return fmt.Sprintf("order %d of %d", i, round) }
		const orders = 20
		all.crowd(t, orders+1, func(i int, h *house) error {
			if i == orders {
				return h.desk.AccountClosed(context.Background(), &identity.AccountClosed{AccountID: customer})
			}
			return h.desk.OrderPaid(context.Background(), paidBy(customer, order(i)))
		})
		planned, err := all[0].queue.Pending(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, round+1, planned)
		require.NoError(t, all[0].desk.Forget(t.Context(), tasks.Task{Kind: dispatch.Forgetting, Key: customer}), "a minute later")
		for i := range orders {
			all[0].cancel(t, order(i))
			state := all[0].of(t, order(i))
			require.Equal(t, shipment.Cancelled, state.Status)
			require.Equal(t, state.Address.Erased(), state.Address)
		}
	}
}
