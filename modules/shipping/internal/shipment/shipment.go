// Package shipment is what happens to the goods of an order that is paid. One order has one shipment.
//
//	OrderPaid ─▶ pending ─▶ handing_over ─▶ dispatched ─▶ delivered
//	               ▲  │           │
//	               └──┼───────────┘ the carrier did not take it
//	                  └─▶ cancelled
//
// Who cancels races with the carrier, and whoever commits first in shipping's own row wins:
//
//   - pending: nobody has been asked to take the goods. They are kept back at once.
//   - handing_over: the carrier has been asked, outside of any transaction, and what it said is not
//     known here. Only the carrier's answer can decide, so a cancellation waits for it (KeepBack): if the
//     carrier has taken the goods the dispatch wins, and ShipmentDispatched tells ordering that it was
//     too late; if it has not, the goods are kept back. A crash between the carrier's answer and its
//     record loses nothing: the carrier is asked again with the shipment's id and answers the same.
//   - dispatched: the goods have left. ShipmentDispatched has been said and is the answer.
package shipment

import (
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Status says how far a shipment has come.
type Status string

// The statuses. A shipment that nobody has asked for yet has none.
const (
	None        Status = ""
	Pending     Status = "pending"
	HandingOver Status = "handing_over"
	Dispatched  Status = "dispatched"
	Delivered   Status = "delivered"
	Cancelled   Status = "cancelled"
)

// Ended reports whether nothing more happens to the shipment.
func (s Status) Ended() bool { return s == Delivered || s == Cancelled }

// State is what is kept of a shipment.
type State struct {
	ID             string
	OrderID        string
	CustomerID     string
	Status         Status
	KeepBack       bool // the goods are to be kept back if the carrier has not taken them
	Forget         bool // nobody needs to know where it went once it has ended
	TrackingNumber string
	Address        Address
	Lines          []Line // known when the shipment is new or shown
	CreatedAt      time.Time
	DispatchedAt   time.Time
	DeliveredAt    time.Time
	CancelledAt    time.Time
}

// A Line is a quantity of one product.
type Line struct {
	LineID   string
	SKU      string
	Quantity int64
}

// An Event is a fact that has to be announced.
type Event interface {
	EventName() string
	EventKey() string
}

// A Shipment guards its State: it changes only through the methods below.
type Shipment struct {
	state  State
	events []Event
	now    time.Time
}

// For returns the shipment of an order that none has been asked for so far.
func For(orderID string, now time.Time) *Shipment {
	return Restore(State{ID: uuid.Must(uuid.NewV7()).String(), OrderID: orderID}, now)
}

// Restore returns the shipment with that state as of now.
func Restore(state State, now time.Time) *Shipment { return &Shipment{state: state, now: now} }

// State returns the state.
func (s *Shipment) State() State { return s.state }

// Events returns what happened since the shipment was restored.
func (s *Shipment) Events() []Event { return s.events }

// Prepare makes the goods ready. It reports false, and changes nothing, if they are already.
func (s *Shipment) Prepare(customerID string, to Address, lines []Line) bool {
	if s.state.Status != None {
		return false
	}
	s.state.Status, s.state.CreatedAt = Pending, s.now
	s.state.CustomerID, s.state.Address, s.state.Lines = customerID, to, lines
	return true
}

// HandOver notes that the carrier is about to be asked to take the goods.
func (s *Shipment) HandOver() error {
	switch s.state.Status {
	case Pending:
		s.state.Status = HandingOver
		return nil
	case HandingOver, Dispatched:
		return nil
	default:
		return s.conflict("dispatched")
	}
}

// Taken notes that the carrier has the goods.
func (s *Shipment) Taken(trackingNumber string) error {
	switch {
	case s.state.Status == HandingOver:
	case s.state.TrackingNumber == trackingNumber && trackingNumber != "":
		return nil
	default:
		return s.conflict("taken as " + trackingNumber)
	}
	if trackingNumber == "" {
		return fault.New(fault.Invalid, "the carrier took shipment %s and gave it no tracking number", s.state.ID)
	}
	s.state.Status, s.state.TrackingNumber, s.state.DispatchedAt = Dispatched, trackingNumber, s.now
	s.state.KeepBack = false // it came too late
	s.announce(shipping.ShipmentDispatched{
		ShipmentID: s.state.ID, OrderID: s.state.OrderID, CustomerID: s.state.CustomerID, TrackingNumber: trackingNumber,
	})
	return nil
}

// NotTaken notes that the carrier does not have the goods.
func (s *Shipment) NotTaken() {
	if s.state.Status != HandingOver {
		return
	}
	s.state.Status = Pending
	if s.state.KeepBack {
		s.keepBack()
	}
}

// Cancel keeps the goods back if they have not left. What is under way to the carrier waits for it.
func (s *Shipment) Cancel() error {
	switch s.state.Status {
	case None:
		return fault.New(fault.Conflict, "order %s has no shipment to keep back", s.state.OrderID)
	case Pending:
		s.keepBack()
	case HandingOver:
		s.state.KeepBack = true
	case Dispatched, Delivered, Cancelled: // said already
	}
	return nil
}

// GiveUp forgets about the goods of a cancelled order, if there are any to send.
func (s *Shipment) GiveUp() {
	switch s.state.Status {
	case Pending:
		s.end(Cancelled)
	case HandingOver:
		s.state.KeepBack = true
	}
}

// Deliverable reports whether the goods are on their way; false without an error means that they have arrived.
func (s *Shipment) Deliverable() (bool, error) {
	switch s.state.Status {
	case Dispatched:
		return true, nil
	case Delivered:
		return false, nil
	default:
		return false, s.conflict("delivered")
	}
}

// Arrive notes that the goods have arrived.
func (s *Shipment) Arrive() error {
	if fit, err := s.Deliverable(); err != nil || !fit {
		return err
	}
	s.end(Delivered)
	s.announce(shipping.ShipmentDelivered{ShipmentID: s.state.ID, OrderID: s.state.OrderID, CustomerID: s.state.CustomerID})
	return nil
}

// Forget erases where the shipment goes: now if it has ended, else when it ends.
func (s *Shipment) Forget() {
	s.state.Forget = true
	if s.state.Status.Ended() {
		s.state.Address = s.state.Address.Erased()
	}
}

func (s *Shipment) keepBack() {
	s.end(Cancelled)
	s.announce(shipping.ShipmentCancelled{ShipmentID: s.state.ID, OrderID: s.state.OrderID})
}

func (s *Shipment) end(status Status) {
	s.state.Status, s.state.KeepBack = status, false
	if status == Delivered {
		s.state.DeliveredAt = s.now
	} else {
		s.state.CancelledAt = s.now
	}
	if s.state.Forget {
		s.state.Address = s.state.Address.Erased()
	}
}

func (s *Shipment) announce(event Event) { s.events = append(s.events, event) }

func (s *Shipment) conflict(what string) error {
	return fault.New(fault.Conflict, "shipment %s of order %s is %s and cannot be %s",
		s.state.ID, s.state.OrderID, s.state.Shown(), what).WithCode("wrong-shipment-status")
}

// Shown is the status as clients see it.
func (s State) Shown() Status {
	if s.Status == HandingOver {
		return Pending
	}
	return s.Status
}
