// Package order is what an order is and what may happen to it.
//
//	placed ─▶ reserved ─▶ confirmed ─▶ paid ─▶ dispatched ─▶ delivered ─▶ returns
//	   └─────────┴────────────┴──────────┴─▶ cancelled ─▶ goods and money settled
//
// Every method may be called again: news that an order has had already, or that comes after it went on
// or was given up, changes nothing. News that comes before its time is a fault.Conflict, to be tried again.
package order

import (
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Status says how far an order has come.
type Status string

// The statuses.
const (
	Placed     Status = "placed"     // waits for its goods
	Reserved   Status = "reserved"   // goods set aside, waits for its money
	Confirmed  Status = "confirmed"  // money authorized, waits for it to be taken
	Paid       Status = "paid"       // money taken, the goods may leave
	Dispatched Status = "dispatched" // on its way
	Delivered  Status = "delivered"  // arrived
	Cancelled  Status = "cancelled"  // given up
)

// course is the way of an order that nothing happens to.
var course = []Status{Placed, Reserved, Confirmed, Paid, Dispatched, Delivered}

// Pending reports whether the order may still run out of time: it is neither paid nor given up.
func (s Status) Pending() bool { return s == Placed || s == Reserved || s == Confirmed }

// State is all that is stored and shown of an order.
type State struct {
	ID         string
	CustomerID string
	Reference  string // the name it has where it was imported from; empty for most
	Content    string // fingerprint of what was asked for, kept to compare a repeated Reference

	Status                Status
	CancelReason          string
	CancellationRequested bool
	PaymentToken          string // gone as soon as it was passed on
	Address               ordering.Address
	CustomerGone          bool // the address is to be erased when the order ends

	Lines       []Line // these four are loaded where they are asked for
	Adjustments []Adjustment
	History     []Entry
	Returns     []Return
	LineCount   int64
	LastEntry   int64 // number of the latest history entry

	Goods     money.Money // sum of the lines
	Fees      money.Money
	Discounts money.Money
	Total     money.Money // goods + fees − discounts
	Refunded  money.Money

	PlacedAt     time.Time
	DeadlineAt   time.Time
	StockSettled bool // of a cancelled order: the goods are back
	MoneySettled bool // of a cancelled order: the money is back
	RefundFailed bool // of a cancelled order: the provider refuses to give the money back
}

// Settled reports whether nothing of the order is under way any more, but for returns.
func (s State) Settled() bool {
	return s.Status == Delivered || s.Status == Cancelled && s.StockSettled && s.MoneySettled
}

// A Line is a quantity of one product at one price.
type Line struct {
	ID        string
	SKU       string
	Name      string
	Quantity  int64
	UnitPrice money.Money
	Total     money.Money
}

// The kinds of adjustment.
const (
	Fee      = "fee"
	Discount = "discount"
)

// An Adjustment is added to the order's goods or taken off them.
type Adjustment struct {
	Kind        string
	Code        string
	Description string
	Amount      money.Money
}

// An Entry is one step of an order's history. Entries are numbered from 1 without gaps.
type Entry struct {
	Number int64
	Status Status
	At     time.Time
	Note   string
}

// An Event is something ordering announces.
type Event interface {
	EventName() string
	EventKey() string
}

// An Order guards its State: it changes only through the methods of this package.
type Order struct {
	state   State
	entries []Entry
	events  []Event
}

// Restore makes an order of what was stored.
func Restore(s State) *Order {
	s.Returns = slices.Clone(s.Returns)
	return &Order{state: s}
}

// State returns a copy of the order's state.
func (o *Order) State() State { return o.state }

// Entries returns what was added to the order's history since it was restored or placed.
func (o *Order) Entries() []Entry { return o.entries }

// Events returns what happened since the order was restored or placed.
func (o *Order) Events() []Event { return o.events }

func (o *Order) note(at time.Time, text string) {
	o.state.LastEntry++
	o.entries = append(o.entries, Entry{Number: o.state.LastEntry, Status: o.state.Status, At: moment(at), Note: text})
}

// moment is a time as precise as it is stored.
func moment(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

func (o *Order) announce(e Event) { o.events = append(o.events, e) }

func (o *Order) conflict(code, format string, args ...any) error {
	return fault.New(fault.Conflict, format, args...).WithCode(code)
}

// tooEarly is the answer to news that cannot be true yet.
func (o *Order) tooEarly(news string) error {
	return o.conflict("order-not-ready", "order %s is %s: it cannot be %s now", o.state.ID, o.state.Status, news)
}
