package shipment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	home = shipment.Address{Name: "Ada Lovelace", Line1: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", Country: "GB"}

	dispatched = shipping.ShipmentDispatched{ShipmentID: "s1", OrderID: "o1", CustomerID: "ada", TrackingNumber: "PG1"}
	delivered  = shipping.ShipmentDelivered{ShipmentID: "s1", OrderID: "o1", CustomerID: "ada"}
	keptBack   = shipping.ShipmentCancelled{ShipmentID: "s1", OrderID: "o1"}
)

// in returns a shipment in a status.
func in(status shipment.Status, keepBack bool) *shipment.Shipment {
	state := shipment.State{ID: "s1", OrderID: "o1", CustomerID: "ada", Status: status, KeepBack: keepBack, Address: home}
	switch status {
	case shipment.None:
		state = shipment.State{ID: "s1", OrderID: "o1"}
	case shipment.Delivered:
		state.DeliveredAt = noon
		fallthrough
	case shipment.Dispatched:
		state.TrackingNumber, state.DispatchedAt = "PG1", noon
	case shipment.Cancelled:
		state.CancelledAt = noon
	}
	return shipment.Restore(state, noon)
}

var messages = map[string]func(*shipment.Shipment) error{
	"OrderPaid":             func(s *shipment.Shipment) error { s.Prepare("ada", home, nil); return nil },
	"CancellationRequested": (*shipment.Shipment).Cancel,
	"OrderCancelled":        func(s *shipment.Shipment) error { s.GiveUp(); return nil },
	"hand over":             (*shipment.Shipment).HandOver,
	"taken":                 func(s *shipment.Shipment) error { return s.Taken("PG1") },
	"taken as another":      func(s *shipment.Shipment) error { return s.Taken("PG2") },
	"not taken":             func(s *shipment.Shipment) error { s.NotTaken(); return nil },
	"arrived":               (*shipment.Shipment).Arrive,
}

// An outcome is the status that a message leads to and what is said then. A refusal changes nothing.
type outcome struct {
	status   shipment.Status
	keepBack bool
	said     shipment.Event
	refused  bool
}

func stays(status shipment.Status) outcome   { return outcome{status: status} }
func refuses(status shipment.Status) outcome { return outcome{status: status, refused: true} }

const (
	none, pending, handing = shipment.None, shipment.Pending, shipment.HandingOver
	gone, there, kept      = shipment.Dispatched, shipment.Delivered, shipment.Cancelled
)

// Every message in every state.
func TestEveryStateTimesEveryMessage(t *testing.T) {
	keeping := outcome{status: handing, keepBack: true}
	for _, c := range []struct {
		status   shipment.Status
		keepBack bool
		outcomes map[string]outcome
	}{
		{none, false, map[string]outcome{
			"OrderPaid": stays(pending), "CancellationRequested": refuses(none), "OrderCancelled": stays(none), "hand over": refuses(none),
			"taken": refuses(none), "taken as another": refuses(none), "not taken": stays(none), "arrived": refuses(none),
		}},
		{pending, false, map[string]outcome{
			"OrderPaid": stays(pending), "CancellationRequested": {status: kept, said: keptBack}, "OrderCancelled": stays(kept),
			"hand over": stays(handing), "taken": refuses(pending), "taken as another": refuses(pending),
			"not taken": stays(pending), "arrived": refuses(pending),
		}},
		{handing, false, map[string]outcome{
			"OrderPaid": stays(handing), "CancellationRequested": keeping, "OrderCancelled": keeping, "hand over": stays(handing),
			"taken": {status: gone, said: dispatched}, "not taken": stays(pending), "arrived": refuses(handing),
			"taken as another": {status: gone, said: shipping.ShipmentDispatched{ShipmentID: "s1", OrderID: "o1", CustomerID: "ada", TrackingNumber: "PG2"}},
		}},
		{handing, true, map[string]outcome{
			"OrderPaid": keeping, "CancellationRequested": keeping, "OrderCancelled": keeping, "hand over": keeping,
			"taken": {status: gone, said: dispatched}, "not taken": {status: kept, said: keptBack},
			"arrived":          {status: handing, keepBack: true, refused: true},
			"taken as another": {status: gone, said: shipping.ShipmentDispatched{ShipmentID: "s1", OrderID: "o1", CustomerID: "ada", TrackingNumber: "PG2"}},
		}},
		{gone, false, map[string]outcome{
			"OrderPaid": stays(gone), "CancellationRequested": stays(gone), "OrderCancelled": stays(gone), "hand over": stays(gone),
			"taken": stays(gone), "taken as another": refuses(gone), "not taken": stays(gone), "arrived": {status: there, said: delivered},
		}},
		{there, false, map[string]outcome{
			"OrderPaid": stays(there), "CancellationRequested": stays(there), "OrderCancelled": stays(there), "hand over": refuses(there),
			"taken": stays(there), "taken as another": refuses(there), "not taken": stays(there), "arrived": stays(there),
		}},
		{kept, false, map[string]outcome{
			"OrderPaid": stays(kept), "CancellationRequested": stays(kept), "OrderCancelled": stays(kept), "hand over": refuses(kept),
			"taken": refuses(kept), "taken as another": refuses(kept), "not taken": stays(kept), "arrived": refuses(kept),
		}},
	} {
		require.Len(t, c.outcomes, len(messages))
		for name, send := range messages {
			want, s := c.outcomes[name], in(c.status, c.keepBack)
			before := s.State()

			err := send(s)

			at := []any{"%s when %q, to be kept back: %t", name, c.status, c.keepBack}
			require.Equal(t, want.refused, fault.Is(err, fault.Conflict), at...)
			require.Equal(t, want.status, s.State().Status, at...)
			require.Equal(t, want.keepBack, s.State().KeepBack, at...)
			if want.said == nil {
				require.Empty(t, s.Events(), at...)
			} else {
				require.Equal(t, []shipment.Event{want.said}, s.Events(), at...)
			}
			if want.status == c.status && want.keepBack == c.keepBack {
				require.Equal(t, before, s.State(), at...)
			}
		}
	}
}

func TestNobodyIsRememberedLongerThanNeeded(t *testing.T) {
	erased := shipment.Address{Name: "erased", Country: "GB"}
	for _, status := range []shipment.Status{shipment.Delivered, shipment.Cancelled} {
		s := in(status, false)
		s.Forget()
		require.Equal(t, erased, s.State().Address)
	}
	s := in(shipment.Dispatched, false)
	s.Forget()
	require.Equal(t, home, s.State().Address, "it has to arrive first")
	require.NoError(t, s.Arrive())
	require.Equal(t, erased, s.State().Address)

	s = in(shipment.Pending, false)
	s.Forget()
	require.NoError(t, s.Cancel())
	require.Equal(t, erased, s.State().Address)
}

func TestATrackingNumberIsNeeded(t *testing.T) {
	require.True(t, fault.Is(in(shipment.HandingOver, false).Taken(""), fault.Invalid))
}
