package books

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
)

// The statuses of an order.
const (
	placed     = "placed"
	reserved   = "reserved"
	confirmed  = "confirmed"
	paidFor    = "paid"
	dispatched = "dispatched"
	delivered  = "delivered"
	cancelled  = "cancelled"
)

// step counts how far an order has come; a cancelled one is nowhere.
var step = map[string]int{placed: 1, reserved: 2, confirmed: 3, paidFor: 4, dispatched: 5, delivered: 6}

// ordersMove looks for orders that nothing will ever happen to again.
func (c *comparison) ordersMove() {
	for _, o := range c.Orders {
		switch o.Status {
		case placed, reserved, confirmed:
			c.pastDeadline(o)
		case paidFor, dispatched:
			c.notShipped(o)
		}
	}
	for _, p := range c.Payments.Orders {
		if p.InFlight && !c.doing(p.OrderID, []string{payments}, p.PaymentID, p.OrderID) {
			c.broken("payment", p.PaymentID, "order %s: it is %s and waits for an answer, and the provider is not asked", p.OrderID, p.Status)
		}
	}
}

func (c *comparison) pastDeadline(o orderingfx.Figure) {
	if c.At.Before(o.DeadlineAt.Add(Grace)) || c.flight.ends(o.ID, c.At) {
		return
	}
	c.broken("order", o.ID, "it is %s, its deadline was %s, and nothing is going to end it", o.Status, o.DeadlineAt.Format(time.RFC3339))
}

// notShipped looks for what should bring the goods on.
func (c *comparison) notShipped(o orderingfx.Figure) {
	if c.telling(o.ID, shipping) {
		return
	}
	s, known := c.shipments[o.ID]
	status := string(s.Status)
	byItself := status == "handing_over" || !c.Manual && (status == "pending" || status == "dispatched")
	switch {
	case !known:
		c.broken("order", o.ID, "it is %s, shipping has no shipment for it, and nothing is on its way there", o.Status)
	case byItself && !c.doing(o.ID, []string{shipping, carrier}, s.ShipmentID, o.ID):
		c.broken("order", o.ID, "it is %s, its shipment %s is %s, and nothing is going to bring it on", o.Status, s.ShipmentID, status)
	}
}

// ordersEnd looks for cancelled orders whose goods or money stay unsettled.
func (c *comparison) ordersEnd() {
	for _, o := range c.Orders {
		if o.Status != cancelled {
			continue
		}
		if !o.StockSettled && !c.telling(o.ID, inventory) {
			c.broken("order", o.ID, "it is cancelled and its goods are not settled, inventory says they are %q", c.goods[o.ID].State)
		}
		p := c.payments[o.ID]
		if o.MoneySettled || o.RefundFailed || c.telling(o.ID, payments) ||
			c.doing(o.ID, []string{payments, provider}, p.PaymentID, o.ID) {
			continue
		}
		c.broken("order", o.ID, "it is cancelled and its money is not settled, payments say it is %q with %s",
			p.Status, tally{p.Captured, p.Refunded})
	}
}
