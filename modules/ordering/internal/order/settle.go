package order

import (
	"time"

	"github.com/pangaea-shop/pangaea/platform/money"
)

// SettleStock notes that nothing is held for the cancelled order any more.
func (o *Order) SettleStock(at time.Time) error {
	if o.state.Status != Cancelled {
		return o.tooEarly("released")
	}
	if !o.state.StockSettled {
		o.state.StockSettled = true
		o.note(at, "the goods are released")
	}
	return nil
}

// SettleMoney notes that no money of the cancelled order was taken.
func (o *Order) SettleMoney(at time.Time) error {
	if o.state.Status != Cancelled {
		return o.tooEarly("voided")
	}
	if !o.state.MoneySettled {
		o.state.MoneySettled, o.state.RefundFailed = true, false
		o.note(at, "you pay nothing")
	}
	return nil
}

// Refund notes that the money of the cancelled order went back.
func (o *Order) Refund(amount money.Money, at time.Time) error {
	if o.state.Status != Cancelled {
		return o.tooEarly("refunded")
	}
	if o.state.MoneySettled {
		return nil
	}
	if amount != o.state.Total {
		return o.conflict("refund-differs", "order %s cost %s and %s went back", o.state.ID, o.state.Total, amount)
	}
	o.state.MoneySettled, o.state.RefundFailed = true, false
	o.state.Refunded = amount
	o.note(at, "your money is on its way back")
	return nil
}

// FailRefund notes that the money of the cancelled order could not be sent back. Staff try again.
func (o *Order) FailRefund(at time.Time) error {
	if o.state.Status != Cancelled {
		return o.tooEarly("refunded")
	}
	if !o.state.MoneySettled && !o.state.RefundFailed {
		o.state.RefundFailed = true
		o.note(at, "we could not send your money back yet and look into it")
	}
	return nil
}
