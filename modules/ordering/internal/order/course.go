package order

import (
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Reserve notes that the goods are set aside; the money may be asked for.
func (o *Order) Reserve(at time.Time) error {
	moved, err := o.advance(Reserved, at, "the goods are set aside for you")
	if moved {
		o.announce(ordering.OrderReserved{
			OrderID: o.state.ID, CustomerID: o.state.CustomerID,
			Total: ordering.Money(o.state.Total), PaymentToken: o.state.PaymentToken,
		})
		o.state.PaymentToken = ""
	}
	return err
}

// Confirm notes that the money is authorized; the sale stands.
func (o *Order) Confirm(at time.Time) error {
	moved, err := o.advance(Confirmed, at, "your payment is authorized")
	if moved {
		o.announce(ordering.OrderConfirmed{
			OrderID: o.state.ID, CustomerID: o.state.CustomerID, Total: ordering.Money(o.state.Total),
		})
	}
	return err
}

// MarkPaid notes that the money is taken; the goods may leave. The order has to know its lines.
func (o *Order) MarkPaid(at time.Time) error {
	if len(o.state.Lines) == 0 {
		return fault.New(fault.Internal, "order %s was loaded without its lines", o.state.ID)
	}
	moved, err := o.advance(Paid, at, "your payment has arrived")
	if moved {
		o.announce(ordering.OrderPaid{
			OrderID: o.state.ID, CustomerID: o.state.CustomerID,
			Address: o.state.Address, Lines: o.contractLines(),
		})
	}
	return err
}

// Dispatch notes that the goods are on their way. A cancellation that was asked for comes too late then.
func (o *Order) Dispatch(at time.Time) error {
	if o.state.Status == Cancelled {
		return o.conflict("order-cancelled", "order %s is cancelled and its goods are on their way", o.state.ID)
	}
	moved, err := o.advance(Dispatched, at, "your order is on its way")
	if moved && o.state.CancellationRequested {
		o.state.CancellationRequested = false
		o.note(at, "it was too late to cancel: your order had left already")
		o.announce(ordering.CancellationRefused{OrderID: o.state.ID, CustomerID: o.state.CustomerID})
	}
	return err
}

// Deliver notes that the goods have arrived.
func (o *Order) Deliver(at time.Time) error {
	if o.state.Status == Cancelled {
		return o.conflict("order-cancelled", "order %s is cancelled and its goods have arrived", o.state.ID)
	}
	moved, err := o.advance(Delivered, at, "your order has arrived")
	if moved {
		o.announce(ordering.OrderCompleted{OrderID: o.state.ID, CustomerID: o.state.CustomerID})
		o.forget()
	}
	return err
}

// advance takes the order one step along its course.
func (o *Order) advance(to Status, at time.Time, text string) (moved bool, err error) {
	here, there := slices.Index(course, o.state.Status), slices.Index(course, to)
	switch {
	case o.state.Status == Cancelled || here >= there:
		return false, nil
	case here+1 < there:
		return false, o.tooEarly(string(to))
	}
	o.state.Status = to
	o.note(at, text)
	return true, nil
}

// Erased stands where the name of a customer without an account stood.
const Erased = "erased"

// forget erases who the order went to, once nobody needs it, if the customer's account is closed.
func (o *Order) forget() {
	if o.state.CustomerGone {
		o.state.Address = ordering.Address{Name: Erased, Country: o.state.Address.Country}
	}
}
