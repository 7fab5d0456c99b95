package order

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Draft is an order that has its prices and is not placed yet.
type Draft struct {
	CustomerID   string
	Reference    string
	Content      string
	Items        []Item
	Adjustments  []Adjustment
	Address      ordering.Address
	PaymentToken string
	Deadline     time.Duration // to be paid within
}

// An Item is what a Draft wants of one product. The same product may be wanted twice.
type Item struct {
	SKU       string
	Name      string
	Quantity  int64
	UnitPrice money.Money
}

// Place makes an order of a draft. Two currencies, a total that is negative or too large for an amount,
// and a quantity or price below its minimum are fault.Invalid, naming the field.
func Place(d Draft, at time.Time) (*Order, error) {
	at = moment(at)
	o := &Order{state: State{
		ID: newID(), CustomerID: d.CustomerID, Reference: d.Reference, Content: d.Content,
		Status: Placed, PaymentToken: d.PaymentToken, Address: d.Address,
		PlacedAt: at, DeadlineAt: at.Add(d.Deadline),
	}}
	if err := o.state.addLines(d.Items); err != nil {
		return nil, err
	}
	if err := o.state.adjust(d.Adjustments); err != nil {
		return nil, err
	}
	o.note(at, "we have your order")
	o.state.History = o.entries
	o.announce(ordering.OrderPlaced{OrderID: o.state.ID, CustomerID: d.CustomerID, Lines: o.contractLines()})
	return o, nil
}

func (s *State) addLines(items []Item) error {
	if len(items) == 0 {
		return fault.Wrong("items", "must have at least one item")
	}
	s.Goods = money.New(0, items[0].UnitPrice.Currency)
	s.Refunded = s.Goods
	s.LineCount = int64(len(items))
	s.Lines = make([]Line, len(items))
	for i, item := range items {
		field := fmt.Sprintf("items[%d]", i)
		if item.Quantity < 1 {
			return fault.Wrong(field+".quantity", "must be at least 1")
		}
		if item.UnitPrice.IsNegative() {
			return fault.Wrong(field+".unit_price", "must not be negative")
		}
		total, err := item.UnitPrice.Mul(item.Quantity)
		if err != nil {
			return fault.Wrong(field, "costs too much: %s", err)
		}
		if s.Goods, err = s.Goods.Add(total); err != nil {
			return fault.Wrong(field, "cannot be added: %s", err)
		}
		s.Lines[i] = Line{
			ID: newID(), SKU: item.SKU, Name: item.Name, Quantity: item.Quantity,
			UnitPrice: item.UnitPrice, Total: total,
		}
	}
	return nil
}

func (s *State) adjust(adjustments []Adjustment) (err error) {
	s.Adjustments = adjustments
	s.Fees, s.Discounts = money.New(0, s.Goods.Currency), money.New(0, s.Goods.Currency)
	for i, a := range adjustments {
		field := fmt.Sprintf("adjustments[%d]", i)
		if a.Amount.IsNegative() {
			return fault.Wrong(field+".amount", "must not be negative")
		}
		switch a.Kind {
		case Fee:
			s.Fees, err = s.Fees.Add(a.Amount)
		case Discount:
			s.Discounts, err = s.Discounts.Add(a.Amount)
		default:
			return fault.Wrong(field+".kind", "must be %s or %s", Fee, Discount)
		}
		if err != nil {
			return fault.Wrong(field+".amount", "cannot be added: %s", err)
		}
	}
	if s.Total, err = s.Goods.Add(s.Fees); err != nil {
		return fault.Wrong("adjustments", "cannot be added: %s", err)
	}
	if s.Total, err = s.Total.Sub(s.Discounts); err != nil {
		return fault.Wrong("adjustments", "cannot be taken off: %s", err)
	}
	if s.Total.IsNegative() {
		return fault.Wrong("adjustments", "take more off than the order costs")
	}
	return nil
}

func (o *Order) contractLines() []ordering.Line {
	lines := make([]ordering.Line, len(o.state.Lines))
	for i, line := range o.state.Lines {
		lines[i] = ordering.Line{LineID: line.ID, SKU: line.SKU, Quantity: line.Quantity}
	}
	return lines
}

// newID returns an id that sorts after those made before it, so lines stay in the order they were asked for.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// SameAs returns the order if content is the fingerprint of what it was placed with: whoever asks for
// the same thing under the same reference gets the same order, and for another thing a fault.Conflict.
func (s State) SameAs(content string) (State, error) {
	if s.Content != content {
		return State{}, fault.New(fault.Conflict, "reference %q belongs to another order: choose a new one", s.Reference).
			WithCode("reference-taken")
	}
	return s, nil
}
