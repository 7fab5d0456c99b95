package books

import (
	"fmt"

	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A tally is what was taken of a customer's money and what went back.
type tally struct{ captured, refunded money.Money }

func (t tally) String() string {
	return fmt.Sprintf("%s taken and %s paid back", t.captured, t.refunded)
}

func (t tally) same(other tally) bool {
	return same(t.captured, other.captured) && same(t.refunded, other.refunded)
}

// same compares amounts; nothing is nothing in any currency.
func same(a, b money.Money) bool { return a == b || a.IsZero() && b.IsZero() }

// moneyAtProvider compares payments with the ledger, which is theirs, and with the provider's statement.
func (c *comparison) moneyAtProvider() {
	for _, p := range c.Payments.Orders {
		rows, ledger := tally{p.Captured, p.Refunded}, tally{p.LedgerCaptured, p.LedgerRefunded}
		if !rows.same(ledger) {
			c.broken("payment", p.PaymentID, "order %s: payments say %s, their ledger says %s", p.OrderID, rows, ledger)
		}
		if c.doing(p.OrderID, []string{payments, provider}, p.PaymentID, p.OrderID) {
			continue
		}
		line, known := c.statement[p.PaymentID]
		if !known {
			line = nothing(p)
		}
		said := tally{line.Captured, line.Refunded}
		if !rows.same(said) {
			c.broken("payment", p.PaymentID, "order %s: the provider's statement says %s, payments say %s", p.OrderID, said, rows)
		}
		if held := heldOn(line); held != 0 && letGo[string(p.Status)] {
			c.broken("payment", p.PaymentID, "order %s: the provider still holds %s, the payment is %s",
				p.OrderID, money.New(held, line.Authorized.Currency), p.Status)
		}
	}
	c.strangersAtProvider()
}

// strangersAtProvider looks for money that was moved for nobody.
func (c *comparison) strangersAtProvider() {
	known := map[string]bool{}
	for _, p := range c.Payments.Orders {
		known[p.PaymentID] = true
	}
	for _, line := range c.Statement {
		if !known[line.PaymentID] {
			c.broken("payment", line.PaymentID, "the provider's statement says %s, payments do not know it", tally{line.Captured, line.Refunded})
		}
	}
}

// letGo are the statuses of payments of which the provider holds nothing any more.
var letGo = map[string]bool{"declined": true, "captured": true, "partially_refunded": true, "refunded": true, "voided": true}

func heldOn(line paymentsfx.StatementLine) int64 {
	return line.Authorized.Amount - line.Captured.Amount - line.Voided.Amount
}

func nothing(p paymentsfx.OrderFigure) paymentsfx.StatementLine {
	zero := money.New(0, p.Captured.Currency)
	return paymentsfx.StatementLine{PaymentID: p.PaymentID, Authorized: zero, Captured: zero, Refunded: zero, Voided: zero}
}

// moneyOfOrders compares orders with payments.
func (c *comparison) moneyOfOrders() {
	for _, o := range c.Orders {
		if c.telling(o.ID, payments) || o.Status == cancelled && !o.MoneySettled {
			continue
		}
		paid := tally{money.New(0, o.Total.Currency), money.New(0, o.Total.Currency)}
		p, known := c.payments[o.ID]
		if known {
			paid = tally{p.Captured, p.Refunded}
		}
		if due := owed(o, paid); !paid.same(due) {
			c.broken("order", o.ID, "it is %s and asks for %s, payments say %s", o.Status, due, paid)
		}
	}
	for _, p := range c.Payments.Orders {
		if _, known := c.orders[p.OrderID]; !known && !c.telling(p.OrderID, payments) {
			c.broken("payment", p.PaymentID, "order %s: payments say %s, ordering does not know the order",
				p.OrderID, tally{p.Captured, p.Refunded})
		}
	}
}

// owed is what an order says should have been taken and paid back. A cancelled one leaves open whether
// its money was ever taken.
func owed(o orderingfx.Figure, paid tally) tally {
	switch {
	case step[o.Status] >= step[paidFor]:
		return tally{o.Total, o.Refunded}
	case o.Status == cancelled && !paid.captured.IsZero():
		return tally{o.Total, o.Total}
	default:
		return tally{money.New(0, o.Total.Currency), o.Refunded}
	}
}

// ledgerBalance adds the ledger up.
func (c *comparison) ledgerBalance() {
	for _, sum := range c.Payments.Ledger {
		if !sum.IsZero() {
			c.broken("currency", sum.Currency, "all postings sum to %s instead of zero", sum)
		}
	}
	for _, t := range c.Payments.Unbalanced {
		c.broken("transaction", string(t.Kind)+" "+t.Reference, "its postings sum to %s instead of zero", t.Sum)
	}
}
