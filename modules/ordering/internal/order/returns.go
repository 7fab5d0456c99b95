package order

import (
	"fmt"
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A ReturnStatus says how far a return has come.
type ReturnStatus string

// The statuses of a return.
const (
	Requested      ReturnStatus = "requested"
	Accepted       ReturnStatus = "accepted"
	Rejected       ReturnStatus = "rejected"
	Refunded       ReturnStatus = "refunded"
	RefundRejected ReturnStatus = "refund_failed"
)

// A Return is goods of an order that come back.
type Return struct {
	ID        string
	OrderID   string
	Status    ReturnStatus
	Reason    string
	Note      string // why it was rejected
	Lines     []ordering.Line
	Amount    money.Money // what goes back to the customer; settled when the return is accepted
	CreatedAt time.Time
	DecidedAt time.Time // zero until staff decide
}

// MaxReturns is how many returns one order may have.
const MaxReturns = 100

// RequestReturn asks to return some of a delivered order's goods.
func (o *Order) RequestReturn(items []ordering.Line, reason string, at time.Time) (Return, error) {
	if o.state.Status != Delivered {
		return Return{}, o.conflict("not-delivered", "the order is %s: only what was delivered can be returned", o.state.Status)
	}
	if len(o.state.Returns) >= MaxReturns {
		return Return{}, o.conflict("too-many-returns", "the order has %d returns already", MaxReturns)
	}
	lines, err := o.returnable(items)
	if err != nil {
		return Return{}, err
	}
	amount, err := o.state.refundFor(lines)
	if err != nil {
		return Return{}, err
	}
	r := Return{
		ID: newID(), OrderID: o.state.ID, Status: Requested, Reason: reason,
		Lines: lines, Amount: amount, CreatedAt: moment(at),
	}
	o.state.Returns = append(o.state.Returns, r)
	o.note(at, "you asked to return goods")
	return r, nil
}

// AcceptReturn notes that staff take the goods back: they go to stock, their price to the customer.
func (o *Order) AcceptReturn(id string, at time.Time) error {
	r, err := o.findReturn(id)
	switch {
	case err != nil:
		return err
	case r.Status == Rejected:
		return o.conflict("return-rejected", "return %s is rejected", id)
	case r.Status != Requested:
		return nil
	}
	if r.Amount, err = o.state.refundFor(r.Lines); err != nil {
		return err
	}
	r.Status, r.DecidedAt = Accepted, moment(at)
	o.note(at, "your return is accepted")
	o.announce(ordering.ReturnAccepted{
		ReturnID: id, OrderID: o.state.ID, CustomerID: o.state.CustomerID,
		Lines: r.Lines, Amount: ordering.Money(r.Amount),
	})
	return nil
}

// RejectReturn notes that staff do not take the goods back.
func (o *Order) RejectReturn(id, why string, at time.Time) error {
	r, err := o.findReturn(id)
	switch {
	case err != nil:
		return err
	case r.Status == Rejected:
		return nil
	case r.Status != Requested:
		return o.conflict("return-accepted", "return %s is %s", id, r.Status)
	}
	r.Status, r.Note, r.DecidedAt = Rejected, why, moment(at)
	o.note(at, "your return is rejected")
	return nil
}

// RefundReturn notes that the money of an accepted return went back.
func (o *Order) RefundReturn(id string, amount money.Money, at time.Time) error {
	r, err := o.findReturn(id)
	switch {
	case err != nil:
		return err
	case r.Status == Refunded:
		return nil
	case r.Status == Requested || r.Status == Rejected:
		return o.conflict("return-not-accepted", "return %s is %s", id, r.Status)
	case amount != r.Amount:
		return o.conflict("refund-differs", "return %s is worth %s and %s went back", id, r.Amount, amount)
	}
	if o.state.Refunded, err = o.state.Refunded.Add(amount); err != nil {
		return err
	}
	r.Status = Refunded
	o.note(at, "the money of your return is on its way back")
	return nil
}

// FailReturnRefund notes that the money of an accepted return could not be sent back. Staff try again.
func (o *Order) FailReturnRefund(id string, at time.Time) error {
	r, err := o.findReturn(id)
	switch {
	case err != nil:
		return err
	case r.Status == Requested || r.Status == Rejected:
		return o.conflict("return-not-accepted", "return %s is %s", id, r.Status)
	case r.Status == Accepted:
		r.Status = RefundRejected
		o.note(at, "we could not send the money of your return back yet and look into it")
	}
	return nil
}

// Return returns the return with that id.
func (o *Order) Return(id string) (Return, error) {
	r, err := o.findReturn(id)
	if err != nil {
		return Return{}, err
	}
	return *r, nil
}

func (o *Order) findReturn(id string) (*Return, error) {
	i := slices.IndexFunc(o.state.Returns, func(r Return) bool { return r.ID == id })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "there is no return %s", id)
	}
	return &o.state.Returns[i], nil
}

// returnable checks what is to be returned against what was delivered and is not returned yet.
func (o *Order) returnable(items []ordering.Line) ([]ordering.Line, error) {
	spoken := o.state.returned(func(s ReturnStatus) bool { return s != Rejected })
	asked := map[string]bool{}
	lines := make([]ordering.Line, len(items))
	for n, item := range items {
		i := slices.IndexFunc(o.state.Lines, func(l Line) bool { return l.ID == item.LineID })
		if i < 0 || asked[item.LineID] {
			return nil, fault.Wrong(fmt.Sprintf("items[%d].line_id", n), "must be a line of the order, each named once")
		}
		line := o.state.Lines[i]
		if left := line.Quantity - spoken[line.ID]; item.Quantity < 1 || item.Quantity > left {
			return nil, fault.Wrong(fmt.Sprintf("items[%d].quantity", n), "must be between 1 and %d, which is what can be returned", left)
		}
		asked[line.ID] = true
		lines[n] = ordering.Line{LineID: line.ID, SKU: line.SKU, Quantity: item.Quantity}
	}
	if len(lines) == 0 {
		return nil, fault.Wrong("items", "must have at least one item")
	}
	return lines, nil
}
