package payment

import (
	"fmt"

	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// shopCurrency is what a payment of nothing is counted in.
const shopCurrency = "GBP"

// Authorize asks for the order's total to be held. Asking again changes nothing.
func (p *Payment) Authorize(customerID string, total money.Money, cardToken string) error {
	if p.state.Status != None {
		if !p.state.Cancelled && p.state.Amount != total {
			p.alarm(fmt.Sprintf("order %s was to pay %s and is now to pay %s", p.state.OrderID, p.state.Amount, total))
		}
		return nil
	}
	if err := total.Check(); err != nil {
		return err
	}
	if total.IsNegative() {
		return fault.New(fault.Invalid, "the total of order %s is negative: %s", p.state.OrderID, total)
	}
	p.about(customerID, total)
	p.become(Authorizing)
	if total.IsZero() {
		p.authorized()
		return nil
	}
	p.state.CardToken = cardToken
	p.ask(Authorize, p.state.ID, total)
	return nil
}

// Capture takes the money that is held, once the sale stands.
func (p *Payment) Capture(total money.Money) error {
	switch p.state.Status {
	case None:
		return fault.New(fault.Conflict, "order %s is confirmed and has no payment", p.state.OrderID)
	case Authorizing, Declined:
		p.alarm(fmt.Sprintf("order %s is confirmed while its payment is %s", p.state.OrderID, p.state.Status))
		return nil
	case Authorized:
	default:
		return nil
	}
	if total != p.state.Amount {
		p.alarm(fmt.Sprintf("order %s is confirmed over %s and %s are held", p.state.OrderID, total, p.state.Amount))
		return nil
	}
	p.become(Capturing)
	if total.IsZero() {
		p.captured()
		return nil
	}
	p.ask(Capture, p.state.ID, total)
	return nil
}

// GiveUp answers that the order is cancelled: nothing stays held, nothing stays captured.
func (p *Payment) GiveUp(customerID string) {
	if p.state.Cancelled {
		return
	}
	p.state.Cancelled, p.state.ChangedAt = true, p.now
	switch p.state.Status {
	case None:
		p.about(customerID, money.New(0, shopCurrency))
		p.become(Voided)
		p.nothingKept()
	case Declined:
		p.nothingKept()
	case Authorizing, Authorized, CaptureFailed:
		p.void()
	case Captured, PartiallyRefunded, Refunded:
		p.refundAll()
	case Capturing, Voiding, Voided: // known later, or answered before
	}
}

// about says whose payment it is and of how much.
func (p *Payment) about(customerID string, amount money.Money) {
	p.state.CustomerID, p.state.Amount = customerID, amount
	p.state.Captured, p.state.Refunded = money.New(0, amount.Currency), money.New(0, amount.Currency)
}

func (p *Payment) authorized() {
	p.become(Authorized)
	p.announce(payments.PaymentAuthorized{OrderID: p.state.OrderID, PaymentID: p.state.ID})
}

func (p *Payment) captured() {
	p.become(Captured)
	p.state.Captured = p.state.Amount
	p.announce(payments.PaymentCaptured{OrderID: p.state.OrderID, PaymentID: p.state.ID, Amount: payments.Money(p.state.Amount)})
}

// hold notes that the provider holds the money.
func (p *Payment) hold() {
	p.state.Held = true
	p.post(ledger.Held, p.state.ID, p.state.Amount)
}

// void asks the provider to hold nothing for this payment, now and later.
func (p *Payment) void() {
	p.state.CardToken = ""
	p.become(Voiding)
	if p.state.Amount.IsZero() {
		p.voided()
		return
	}
	p.state.Voids++
	p.ask(Void, p.state.voidKey(), p.state.Amount)
}

func (p *Payment) voided() {
	if p.state.Held {
		p.state.Held = false
		p.post(ledger.Released, p.state.ID, p.state.Amount)
	}
	p.become(Voided)
	p.nothingKept()
}

// nothingKept answers the cancellation, once.
func (p *Payment) nothingKept() {
	if p.state.Answered {
		return
	}
	p.state.Answered = true
	p.announce(payments.PaymentVoided{OrderID: p.state.OrderID})
}
