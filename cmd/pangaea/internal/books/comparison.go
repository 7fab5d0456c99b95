package books

import (
	"fmt"
	"slices"

	"github.com/pangaea-shop/pangaea/modules/inventory/inventoryfx"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
)

// A comparison is a reading being compared, by order.
type comparison struct {
	Reading
	flight    flight
	orders    map[string]orderingfx.Figure
	goods     map[string]inventoryfx.Held
	payments  map[string]paymentsfx.OrderFigure
	statement map[string]paymentsfx.StatementLine // by payment
	shipments map[string]shippingfx.Figure
	parcel    map[string]shippingfx.Parcel // by shipment

	invariant string
	underWay  map[string]bool // orders that were left out somewhere
	report    Report
}

func newComparison(r Reading) *comparison {
	return &comparison{
		Reading:   r,
		flight:    newFlight(r.Backlog),
		orders:    by(r.Orders, func(o orderingfx.Figure) string { return o.ID }),
		goods:     by(r.Goods, func(g inventoryfx.Held) string { return g.OrderID }),
		payments:  by(r.Payments.Orders, func(p paymentsfx.OrderFigure) string { return p.OrderID }),
		statement: by(r.Statement, func(l paymentsfx.StatementLine) string { return l.PaymentID }),
		shipments: by(r.Shipments, func(s shippingfx.Figure) string { return s.OrderID }),
		parcel:    by(r.Parcels, func(p shippingfx.Parcel) string { return p.ShipmentID }),
		underWay:  map[string]bool{},
		report:    Report{Violations: []Violation{}, Operator: []string{}},
	}
}

func by[T any](list []T, key func(T) string) map[string]T {
	found := make(map[string]T, len(list))
	for _, item := range list {
		found[key(item)] = item
	}
	return found
}

// broken notes a violation.
func (c *comparison) broken(about, id, format string, args ...any) {
	c.report.Violations = append(c.report.Violations, Violation{
		Invariant: c.invariant, About: about, ID: id, Says: fmt.Sprintf(format, args...),
	})
}

// telling reports whether ordering and another part still tell each other about an order, which is then
// left out.
func (c *comparison) telling(orderID, other string) bool {
	if !c.flight.between(ordering, other, orderID) {
		return false
	}
	c.underWay[orderID] = true
	return true
}

// doing reports whether a part, or whom it deals with outside, still has something to do about one of ids,
// which belong to an order. It is left out then.
func (c *comparison) doing(orderID string, parts []string, ids ...string) bool {
	for _, part := range parts {
		if slices.ContainsFunc(ids, func(id string) bool { return c.flight.inside(part, id) }) {
			c.underWay[orderID] = true
			return true
		}
	}
	return false
}

func (c *comparison) done() Report {
	for _, o := range c.Orders {
		if !o.Settled && !refundWaits(o) {
			c.underWay[o.ID] = true
		}
	}
	c.report.Checked = Checked{
		Orders: len(c.Orders), SKUs: len(c.Levels), Payments: len(c.Payments.Orders),
		Transactions: int(c.Payments.Transactions), Shipments: len(c.Shipments),
		StatementLines: len(c.Statement), Parcels: len(c.Parcels),
	}
	c.report.UnderWay = len(c.underWay)
	c.report.Alarms = int(c.Payments.Alarms)
	c.report.Operator = append(append(c.report.Operator, c.flight.letters()...), refundsThatWait(c.Orders)...)
	return c.report
}

func refundsThatWait(orders []orderingfx.Figure) (waiting []string) {
	for _, o := range orders {
		if refundWaits(o) {
			waiting = append(waiting, fmt.Sprintf("order %s: the provider refused to give %s back", o.ID, o.Total))
		}
	}
	return waiting
}

// refundWaits reports whether staff have to try again to give the money of a cancelled order back.
func refundWaits(o orderingfx.Figure) bool {
	return o.Status == cancelled && o.StockSettled && !o.MoneySettled && o.RefundFailed
}
