package order

import (
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering"
)

// grounds are why an order may be given up: from which status on, up to which, and how the customer is told.
var grounds = map[string]struct {
	from, to Status
	text     string
}{
	ordering.OutOfStock:      {Placed, Placed, "we do not have all of the goods"},
	ordering.PaymentDeclined: {Reserved, Reserved, "your payment was declined"},
	ordering.PaymentFailed:   {Confirmed, Confirmed, "your payment could not be taken"},
	ordering.ByCustomer:      {Placed, Confirmed, "cancelled as you wished"},
	ordering.TimedOut:        {Placed, Confirmed, "it took too long to complete your order"},
}

// Cancel gives the order up for one of the contract's reasons; goods and money go back. It changes
// nothing where the order has gone on to where that reason no longer counts.
func (o *Order) Cancel(reason string, at time.Time) error {
	ground := grounds[reason]
	here := slices.Index(course, o.state.Status)
	switch {
	case o.state.Status == Cancelled || here > slices.Index(course, ground.to):
		return nil
	case here < slices.Index(course, ground.from):
		return o.tooEarly("cancelled with " + reason)
	}
	o.giveUp(reason, at, ground.text)
	return nil
}

// RequestCancellation is the customer's wish to cancel. Before the order is paid it is cancelled at
// once; after that shipping is asked to keep the goods back; once they have left it is a fault.Conflict.
func (o *Order) RequestCancellation(at time.Time) error {
	switch o.state.Status {
	case Dispatched, Delivered:
		return o.conflict("already-dispatched", "the order has left already: it can be returned once it has arrived")
	case Paid:
		if o.state.CancellationRequested {
			return nil
		}
		o.state.CancellationRequested = true
		o.note(at, "you asked to cancel: we try to keep the goods back")
		o.announce(ordering.CancellationRequested{OrderID: o.state.ID})
		return nil
	default:
		return o.Cancel(ordering.ByCustomer, at)
	}
}

// KeepBack notes that the goods of a paid order stay in the house, as was asked; the order is cancelled.
func (o *Order) KeepBack(at time.Time) error {
	switch {
	case o.state.Status == Paid && o.state.CancellationRequested:
		o.giveUp(ordering.ByCustomer, at, grounds[ordering.ByCustomer].text)
		return nil
	case o.state.Status.Pending() || o.state.Status == Paid:
		return o.tooEarly("kept back")
	default:
		return nil
	}
}

func (o *Order) giveUp(reason string, at time.Time, text string) {
	o.state.Status = Cancelled
	o.state.CancelReason = reason
	o.state.CancellationRequested = false
	o.state.PaymentToken = ""
	o.note(at, text)
	o.announce(ordering.OrderCancelled{OrderID: o.state.ID, CustomerID: o.state.CustomerID, Reason: reason})
	o.forget()
}
