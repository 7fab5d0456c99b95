// Package books compares what the parts of the shop say of themselves. Each reports its own figures; none
// is asked about another, and nothing is read here.
//
//	ordering ── orders ──┬── goods ───── inventory        levels = what was booked
//	                     ├── money ───── payments ─────── the provider's statement
//	                     │                  └──────────── the ledger = 0
//	                     └── shipments ─ shipping ─────── the carrier's records
//
// Between two parts that are still telling each other about an order nothing can be compared: such an
// order is left out there. The parts are read one after the other while the shop may go on, so what one
// reading finds may have been a moment between two of them: it counts only if a second reading finds the
// very same again, to the figure (see [Report.Confirm]). Two readings that agree about an order show that
// nothing moved in between.
package books

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/inventory/inventoryfx"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
	"github.com/pangaea-shop/pangaea/platform/backlog"
)

// A Reading is what all parts say at about one moment.
type Reading struct {
	At        time.Time
	Manual    bool // staff dispatch and deliver: nothing happens to shipments by itself
	Orders    []orderingfx.Figure
	Levels    []inventoryfx.Figure
	Goods     []inventoryfx.Held
	Payments  paymentsfx.AllFigures
	Statement []paymentsfx.StatementLine
	Shipments []shippingfx.Figure
	Parcels   []shippingfx.Parcel
	Backlog   []backlog.Item // of all parts
}

// The parts of the shop.
const (
	ordering  = "ordering"
	inventory = "inventory"
	payments  = "payments"
	provider  = paymentsfx.ProviderDatabase
	shipping  = "shipping"
	carrier   = shippingfx.CarrierDatabase
)

// Grace is how long an order may be past its deadline before that is noticed.
const Grace = time.Minute

// Compare checks every invariant.
func (r Reading) Compare() Report {
	c := newComparison(r)
	for _, invariant := range Invariants {
		c.invariant = invariant.Name
		invariant.check(c)
	}
	return c.done()
}

// An Invariant is something that is always true of orders that are not under way.
type Invariant struct {
	Name  string
	Holds string // what it says
	check func(*comparison)
}

// Invariants are all that are checked.
var Invariants = []Invariant{
	{"money-provider", "what the provider's own statement says was taken, paid back and held is what payments and their ledger say, for every payment", (*comparison).moneyAtProvider},
	{"money-orders", "a paid order's payment is its total, what was refunded is what the order says, and a cancelled order costs nothing", (*comparison).moneyOfOrders},
	{"ledger-balance", "the ledger's postings sum to zero in every currency and in every transaction", (*comparison).ledgerBalance},
	{"stock-conservation", "on hand + reserved + sold (net of returns) = receipts + adjustments for every product, what is reserved is held for orders, and nothing is negative", (*comparison).stockConservation},
	{"stock-orders", "the goods of a confirmed order are sold, those of a cancelled one are not held, and they are as many as were ordered and came back", (*comparison).goodsOfOrders},
	{"orders-move", "no order is past its deadline, paid and not shipped, or waiting for money with nothing under way for it and no dead letter naming it", (*comparison).ordersMove},
	{"orders-end", "an order that has ended was delivered, or is cancelled with its goods and its money settled", (*comparison).ordersEnd},
	{"shipments-orders", "an order was dispatched and delivered if and only if its shipment was", (*comparison).shipmentsOfOrders},
	{"shipments-carrier", "the carrier has a parcel for every shipment that was dispatched, under its tracking number, and no other", (*comparison).parcels},
}
