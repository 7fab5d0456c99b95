package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	shippingsql "github.com/pangaea-shop/pangaea/migrations/shipping"
	shippingcarriersql "github.com/pangaea-shop/pangaea/migrations/shipping_carrier"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/dispatch"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A house is shipping and a carrier, as they run in a shop.
type house struct {
	shipments *store.Shipments
	queue     *tasks.Queue
	desk      *dispatch.Desk
	carrierDB *database.DB
}

var (
	manual    = dispatch.Settings{Carrier: "manual"}
	automatic = dispatch.Settings{Carrier: "auto", DispatchAfter: 10 * time.Millisecond, DeliverAfter: 10 * time.Millisecond}
	home      = ordering.Address{Name: "Ada Lovelace", Line1: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", Country: "GB"}
)

// open starts a house. around stands between it and the carrier; nil: nothing does.
func open(t *testing.T, settings dispatch.Settings, around func(dispatch.Carrier) dispatch.Carrier) *house {
	t.Helper()
	db := databasetest.Open(t, "shipping", shippingsql.Files)
	carrierDB := databasetest.Open(t, "shipping-carrier", shippingcarriersql.Files)
	queue := tasks.New(db).With(tasks.Policy{Attempts: 3, First: time.Millisecond, Longest: time.Millisecond})
	h := &house{shipments: store.NewShipments(db, outbox.New(db, nil)), queue: queue, carrierDB: carrierDB}
	var carrier dispatch.Carrier = simulator.New(books.NewBooks(carrierDB))
	if around != nil {
		carrier = around(carrier)
	}
	h.desk = dispatch.New(h.shipments, queue, carrier, settings, time.Now)
	queue.Handle(dispatch.HandOver, h.desk.Run)
	queue.Handle(dispatch.Deliver, h.desk.Run)
	require.NoError(t, queue.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, queue.Stop(context.Background())) })
	return h
}

// paid is an order whose goods may leave.
func (h *house) paid(t *testing.T, customer string) (orderID, shipmentID string) {
	t.Helper()
	orderID = uuid.NewString()
	for range 2 { // twice is once
		require.NoError(t, h.desk.OrderPaid(t.Context(), &ordering.OrderPaid{
			OrderID: orderID, CustomerID: customer, Address: home, Lines: []ordering.Line{{LineID: "1", SKU: "MUG", Quantity: 2}},
		}))
	}
	return orderID, h.of(t, orderID).ID
}

func (h *house) of(t *testing.T, orderID string) shipment.State {
	t.Helper()
	found, err := h.shipments.List(t.Context(), store.Query{OrderID: orderID, Limit: 2})
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

func (h *house) becomes(t *testing.T, orderID string, status shipment.Status) {
	t.Helper()
	require.Eventually(t, func() bool { return h.of(t, orderID).Status == status }, 30*time.Second, 5*time.Millisecond, "never %s", status)
}

func (h *house) cancel(t *testing.T, orderID string) {
	t.Helper()
	require.NoError(t, h.desk.CancellationRequested(t.Context(), &ordering.CancellationRequested{OrderID: orderID}))
}

func (h *house) parcels(t *testing.T) []simulator.Parcel {
	t.Helper()
	parcels, err := books.Parcels(t.Context(), h.carrierDB)
	require.NoError(t, err)
	return parcels
}

func TestAnAutomaticCarrierFetchesAndDelivers(t *testing.T) {
	h := open(t, automatic, nil)
	order, id := h.paid(t, "ada")
	h.becomes(t, order, shipment.Delivered)

	parcels := h.parcels(t)
	require.Len(t, parcels, 1)
	require.Equal(t, id, parcels[0].ShipmentID)
	require.Equal(t, h.of(t, order).TrackingNumber, parcels[0].TrackingNumber)
	require.NotZero(t, parcels[0].DeliveredAt)
	require.Equal(t, []shipment.Line{{LineID: "1", SKU: "MUG", Quantity: 2}}, h.of(t, order).Lines)
}

func TestStaffDispatchAndDeliver(t *testing.T) {
	h := open(t, manual, nil)
	order, id := h.paid(t, "ada")
	_, err := h.desk.Deliver(t.Context(), id)
	require.True(t, fault.Is(err, fault.Conflict), "it has not left")

	for range 2 { // a repeated request is the same request
		state, err := h.desk.Dispatch(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, shipment.Dispatched, state.Status)
	}
	h.cancel(t, order)
	require.Equal(t, shipment.Dispatched, h.of(t, order).Status, "too late")
	for range 2 {
		state, err := h.desk.Deliver(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, shipment.Delivered, state.Status)
	}
	_, err = h.desk.Dispatch(t.Context(), id)
	require.True(t, fault.Is(err, fault.Conflict))
	_, err = h.desk.Dispatch(t.Context(), "another")
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestWhatIsKeptBackNeverLeaves(t *testing.T) {
	h := open(t, dispatch.Settings{Carrier: "auto", DispatchAfter: 3 * time.Second}, nil)
	order, id := h.paid(t, "ada")
	h.cancel(t, order)
	_, err := h.desk.Dispatch(t.Context(), id)
	require.Error(t, err)
	require.Eventually(t, func() bool {
		n, err := h.queue.Pending(t.Context())
		return err == nil && n == 0
	}, 30*time.Second, 5*time.Millisecond)
	require.Equal(t, shipment.Cancelled, h.of(t, order).Status)
	require.Empty(t, h.parcels(t))
}

func TestAnOrderThatWasNeverPaidHasNoShipment(t *testing.T) {
	h := open(t, manual, nil)
	require.NoError(t, h.desk.OrderCancelled(t.Context(), &ordering.OrderCancelled{OrderID: "o1"}))
	found, err := h.shipments.List(t.Context(), store.Query{OrderID: "o1", Limit: 1})
	require.NoError(t, err)
	require.Empty(t, found)
	require.Error(t, h.desk.CancellationRequested(t.Context(), &ordering.CancellationRequested{OrderID: "o1"}), "cannot be, so it is parked")
}

// A turnstile lets a test decide what happens while the carrier is being called.
type turnstile struct {
	dispatch.Carrier
	during func() error
}

func (s turnstile) HandOver(ctx context.Context, id string, to shipment.Address) (string, error) {
	if err := s.during(); err != nil {
		return "", err
	}
	return s.Carrier.HandOver(ctx, id, to)
}

func TestACancellationWaitsForTheCarriersAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		refusal error
		ends    shipment.Status
		parcels int
	}{
		{"the carrier takes it: the dispatch wins", nil, shipment.Dispatched, 1},
		{"the carrier refuses it: the cancellation wins", fault.New(fault.Conflict, "too heavy"), shipment.Cancelled, 0},
		{"the carrier is closed: the cancellation wins", fault.New(fault.Unavailable, "closed"), shipment.Cancelled, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h *house
			var order, id string
			h = open(t, manual, func(carrier dispatch.Carrier) dispatch.Carrier {
				return turnstile{carrier, func() error {
					h.cancel(t, order)
					require.Equal(t, shipment.HandingOver, h.of(t, order).Status, "nobody knows yet")
					return c.refusal
				}}
			})
			order, id = h.paid(t, "ada")

			state, err := h.desk.Dispatch(t.Context(), id)

			require.NoError(t, err)
			require.Equal(t, c.ends, state.Status)
			require.Equal(t, c.ends, h.of(t, order).Status)
			require.Len(t, h.parcels(t), c.parcels)
		})
	}
}

func TestACarrierThatCannotBeReachedIsTriedAsLongAsItTakes(t *testing.T) {
	calls := 0
	h := open(t, automatic, func(carrier dispatch.Carrier) dispatch.Carrier {
		return turnstile{carrier, func() error {
			if calls++; calls < 2 {
				return fault.New(fault.Unknown, "no line")
			}
			return nil
		}}
	})
	order, _ := h.paid(t, "ada")
	h.becomes(t, order, shipment.Delivered)
}

func TestACarrierThatRefusesIsParkedWithTheOrder(t *testing.T) {
	for name, refusal := range map[string]error{"refused": fault.New(fault.Conflict, "too heavy"), "nonsense": errors.New("<html>")} {
		t.Run(name, func(t *testing.T) {
			h := open(t, automatic, func(carrier dispatch.Carrier) dispatch.Carrier {
				return turnstile{carrier, func() error { return refusal }}
			})
			order, _ := h.paid(t, "ada")
			require.Eventually(t, func() bool {
				parked, err := h.queue.Parked(t.Context(), 2)
				return err == nil && len(parked) == 1 && strings.Contains(parked[0].Error, order)
			}, 30*time.Second, 5*time.Millisecond)
			require.NotEqual(t, shipment.Dispatched, h.of(t, order).Status)
		})
	}
}

// errCrash stands for a process that dies after the carrier took the goods and before that is recorded.
var errCrash = errors.New("the process dies here")

type forgetful struct{ dispatch.Carrier }

var crashes sync.Map

func (f forgetful) HandOver(ctx context.Context, id string, to shipment.Address) (string, error) {
	number, err := f.Carrier.HandOver(ctx, id, to)
	if _, again := crashes.LoadOrStore(id, true); err == nil && !again {
		return "", errCrash
	}
	return number, err
}

func TestACrashAfterTheHandOverMakesOneParcel(t *testing.T) {
	h := open(t, automatic, func(carrier dispatch.Carrier) dispatch.Carrier { return forgetful{carrier} })
	order, _ := h.paid(t, "ada")
	require.Eventually(t, func() bool { return h.of(t, order).Status == shipment.HandingOver || len(h.parcels(t)) == 1 }, 30*time.Second, time.Millisecond)
	h.cancel(t, order) // too late, whether we know it or not
	h.becomes(t, order, shipment.Delivered)
	require.Len(t, h.parcels(t), 1)
	require.Equal(t, h.parcels(t)[0].TrackingNumber, h.of(t, order).TrackingNumber)
}

// Dispatch and cancellation at the same moment: the row and the carrier agree on who has won.
func TestTheRaceOfDispatchAndCancellation(t *testing.T) {
	h := open(t, manual, nil)
	won := map[shipment.Status]int{}
	for range 50 {
		order, id := h.paid(t, "ada")
		var both sync.WaitGroup
		both.Go(func() { _, _ = h.desk.Dispatch(context.Background(), id) })
		both.Go(func() {
			_ = h.desk.CancellationRequested(context.Background(), &ordering.CancellationRequested{OrderID: order})
		})
		both.Wait()
		won[h.of(t, order).Status]++
	}
	t.Logf("%v", won)
	require.Equal(t, 50, won[shipment.Dispatched]+won[shipment.Cancelled])
	require.Len(t, h.parcels(t), won[shipment.Dispatched])
}

func TestAClosedAccountIsForgotten(t *testing.T) {
	h := open(t, manual, nil)
	arrived, id := h.paid(t, "ada")
	_, err := h.desk.Dispatch(t.Context(), id)
	require.NoError(t, err)
	_, err = h.desk.Deliver(t.Context(), id)
	require.NoError(t, err)
	running, runningID := h.paid(t, "ada")
	others, _ := h.paid(t, "eve")

	require.NoError(t, h.desk.AccountClosed(t.Context(), &identity.AccountClosed{AccountID: "ada"}))

	late, lateID := h.paid(t, "ada") // paid before the account was closed, heard after
	require.Equal(t, shipment.Address{Name: "erased", Country: "GB"}, h.of(t, arrived).Address)
	require.Equal(t, shipment.Address(home), h.of(t, others).Address)
	for order, id := range map[string]string{running: runningID, late: lateID} {
		require.Equal(t, shipment.Address(home), h.of(t, order).Address, "it has to arrive first")
		_, err = h.desk.Dispatch(t.Context(), id)
		require.NoError(t, err)
		_, err = h.desk.Deliver(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, shipment.Address{Name: "erased", Country: "GB"}, h.of(t, order).Address)
	}
}
