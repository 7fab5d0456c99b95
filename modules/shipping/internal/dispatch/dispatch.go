// Package dispatch brings goods on their way: it hears of paid orders and gives their goods to the carrier.
//
//	OrderPaid ─▶ hand over (task, or staff) ─▶ carrier ─▶ ShipmentDispatched
//	                                              └─▶ deliver (task, or staff) ─▶ ShipmentDelivered
//
// The carrier is called outside of any transaction, between two of them: one that says that it is about
// to be called, one that records what it said. Package shipment says what a cancellation does meanwhile.
package dispatch

import (
	"context"
	"time"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Settings are what can be set about shipping.
type Settings struct {
	Carrier       string        `env:"PANGAEA_CARRIER" default:"auto" oneof:"auto manual" doc:"auto: the carrier fetches and delivers by itself; manual: staff say when"`
	DispatchAfter time.Duration `env:"PANGAEA_CARRIER_DISPATCH_AFTER" default:"2s" doc:"when the automatic carrier fetches what is paid"`
	DeliverAfter  time.Duration `env:"PANGAEA_CARRIER_DELIVER_AFTER" default:"4s" doc:"when the automatic carrier delivers what it fetched"`
}

func (s Settings) automatic() bool { return s.Carrier != "manual" }

// A Carrier brings parcels to people. It knows a parcel by the shipment's id: the same again is the same
// parcel.
type Carrier interface {
	// HandOver gives a parcel to the carrier and returns its tracking number. The kinds fault.Conflict
	// (it is refused) and fault.Unavailable (not now) say that the carrier does not have it; after any
	// other error nobody knows.
	HandOver(ctx context.Context, shipmentID string, to shipment.Address) (trackingNumber string, err error)
	// Deliver makes the carrier deliver a parcel that it has.
	Deliver(ctx context.Context, shipmentID string) error
}

// Shipments finds the shipment of an order, or the one with an id, and saves what becomes of it. The ctx
// of change is that of the unit of work.
type Shipments interface {
	Do(ctx context.Context, work func(ctx context.Context) error) error
	Update(ctx context.Context, orderID string, change func(context.Context, *shipment.Shipment) error) error
	UpdateShipment(ctx context.Context, id string, change func(context.Context, *shipment.Shipment) error) error
	Forgotten(ctx context.Context, customerID string) (bool, error)
	Forget(ctx context.Context, customerID string) error
}

// A Queue keeps what is to be done later, with the unit of work that ctx belongs to.
type Queue interface {
	Add(ctx context.Context, kind, key string, payload any, due time.Time) error
}

// A Desk sees to it that goods leave. Its methods for events are named after what they hear.
type Desk struct {
	shipments Shipments
	queue     Queue
	carrier   Carrier
	settings  Settings
	clock     func() time.Time
}

// New returns a desk over these shipments, whose goods that carrier takes.
func New(shipments Shipments, queue Queue, carrier Carrier, settings Settings, clock func() time.Time) *Desk {
	return &Desk{shipments, queue, carrier, settings, clock}
}

// OrderPaid makes the goods ready.
func (d *Desk) OrderPaid(ctx context.Context, e *ordering.OrderPaid) error {
	return d.shipments.Update(ctx, e.OrderID, func(ctx context.Context, s *shipment.Shipment) error {
		lines := make([]shipment.Line, len(e.Lines))
		for i, line := range e.Lines {
			lines[i] = shipment.Line(line)
		}
		if !s.Prepare(e.CustomerID, shipment.Address(e.Address), lines) {
			return nil
		}
		if err := d.forgetIfClosed(ctx, s, e.CustomerID); err != nil {
			return err
		}
		if !d.settings.automatic() {
			return nil
		}
		return d.later(ctx, errand{Kind: HandOver, ShipmentID: s.State().ID}, d.settings.DispatchAfter)
	})
}

// forgetIfClosed marks the shipment of a customer whose account is closed. A guest has none.
func (d *Desk) forgetIfClosed(ctx context.Context, s *shipment.Shipment, customer string) error {
	if customer == identity.Guest {
		return nil
	}
	closed, err := d.shipments.Forgotten(ctx, customer)
	if err == nil && closed {
		s.Forget()
	}
	return err
}

// CancellationRequested keeps the goods back if they have not left.
func (d *Desk) CancellationRequested(ctx context.Context, e *ordering.CancellationRequested) error {
	return d.shipments.Update(ctx, e.OrderID, func(_ context.Context, s *shipment.Shipment) error { return s.Cancel() })
}

// OrderCancelled forgets about goods that wait, if there are any.
func (d *Desk) OrderCancelled(ctx context.Context, e *ordering.OrderCancelled) error {
	return d.shipments.Update(ctx, e.OrderID, func(_ context.Context, s *shipment.Shipment) error {
		s.GiveUp()
		return nil
	})
}

// Forgetting is the kind of task that forgets a customer. Its key is the customer's id.
const Forgetting = "forget"

// grace is longer than a unit of work lasts that was under way when an account was closed.
const grace = time.Minute

// AccountClosed erases where the customer's goods went, and will erase where those under way go; and once
// more when no shipment can be under way that was added in ignorance of it.
func (d *Desk) AccountClosed(ctx context.Context, e *identity.AccountClosed) error {
	return d.shipments.Do(ctx, func(ctx context.Context) error {
		if err := d.shipments.Forget(ctx, e.AccountID); err != nil {
			return err
		}
		return d.queue.Add(ctx, Forgetting, e.AccountID, nil, d.clock().Add(grace))
	})
}

// Forget does the task of forgetting a customer.
func (d *Desk) Forget(ctx context.Context, t tasks.Task) error { return d.shipments.Forget(ctx, t.Key) }
