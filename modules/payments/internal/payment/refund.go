package payment

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Refund is money on its way back to the customer: for a return, or for the whole order where
// ReturnID is empty.
type Refund struct {
	ID        string
	ReturnID  string
	Amount    money.Money
	Status    RefundStatus
	Attempt   int    // how often the provider was asked; from the first time on the money is owed
	Reason    string // why it failed
	CreatedAt time.Time
}

// A RefundStatus says how far a refund has come.
type RefundStatus string

// The statuses of a refund.
const (
	RefundRequested RefundStatus = "requested"
	RefundDone      RefundStatus = "refunded"
	RefundFailed    RefundStatus = "refund_failed"
)

// key is the refund's idempotency key. A refund that was refused is asked for anew under another one,
// because the same key gets the same answer.
func (r Refund) key() string { return numbered(r.ID, r.Attempt) }

// Return pays back what came back. Hearing of the same return again changes nothing. More than is left
// of what was captured is refused.
func (p *Payment) Return(returnID string, amount money.Money) error {
	if p.state.Status == None {
		return fault.New(fault.Conflict, "order %s has a return and no payment", p.state.OrderID)
	}
	if slices.ContainsFunc(p.state.Refunds, func(r Refund) bool { return r.ReturnID == returnID }) {
		return nil
	}
	if amount.IsNegative() || amount.Currency != p.state.Amount.Currency || returnID == "" {
		return fault.New(fault.Invalid, "return %q of order %s over %s cannot be refunded from %s",
			returnID, p.state.OrderID, amount, p.state.Captured)
	}
	p.refund(returnID, amount)
	return nil
}

// Retry asks the provider again for a refund that failed. One that is under way or done stays as it is.
func (p *Payment) Retry(refundID string) error {
	r := p.refundBy(func(r Refund) bool { return r.ID == refundID })
	switch {
	case r == nil:
		return fault.New(fault.NotFound, "there is no refund %s", refundID)
	case r.Status != RefundFailed:
		return nil
	case r.Attempt == 0 && r.Amount.Amount > p.left():
		return fault.New(fault.Conflict, "%s are left of what was captured, and the refund is over %s",
			money.New(p.left(), r.Amount.Currency), r.Amount).WithCode("more-than-captured")
	}
	p.try(r)
	return nil
}

// refundAll pays back what is left of the order's money.
func (p *Payment) refundAll() {
	p.state.Answered = true
	p.refund("", money.New(p.left(), p.state.Captured.Currency))
}

func (p *Payment) refund(returnID string, amount money.Money) {
	p.state.Refunds = append(p.state.Refunds, Refund{
		ID: uuid.Must(uuid.NewV7()).String(), ReturnID: returnID, Amount: amount, Status: RefundFailed, CreatedAt: p.now,
	})
	r := &p.state.Refunds[len(p.state.Refunds)-1]
	if !p.state.Status.Moved() || amount.Amount > p.left() {
		p.alarm(fmt.Sprintf("order %s is to get back %s and %d of %s are left", p.state.OrderID, amount, p.left(), p.state.Captured))
		p.refundFailed(r, "more than was captured")
		return
	}
	p.try(r)
}

// left is how much of what was captured is not owed to the customer already.
func (p *Payment) left() int64 {
	left := p.state.Captured.Amount
	for _, r := range p.state.Refunds {
		if r.Attempt > 0 {
			left -= r.Amount.Amount
		}
	}
	return left
}

// try asks the provider to pay a refund.
func (p *Payment) try(r *Refund) {
	r.Attempt++
	r.Status, r.Reason, p.state.ChangedAt = RefundRequested, "", p.now
	if r.Amount.IsZero() {
		p.refunded(r)
		return
	}
	if r.Attempt == 1 {
		p.post(ledger.RefundOwed, r.ID, r.Amount)
	}
	p.ask(PayBack, r.key(), r.Amount)
}

func (p *Payment) refunded(r *Refund) {
	r.Status = RefundDone
	p.state.Refunded.Amount += r.Amount.Amount
	switch {
	case p.state.Refunded == p.state.Captured:
		p.become(Refunded)
	case !p.state.Refunded.IsZero():
		p.become(PartiallyRefunded)
	}
	p.announce(payments.PaymentRefunded{
		OrderID: p.state.OrderID, PaymentID: p.state.ID, ReturnID: r.ReturnID,
		CustomerID: p.state.CustomerID, Amount: payments.Money(r.Amount),
	})
}

func (p *Payment) refundFailed(r *Refund, reason string) {
	r.Status, r.Reason, p.state.ChangedAt = RefundFailed, reason, p.now
	p.announce(payments.PaymentRefundFailed{
		OrderID: p.state.OrderID, PaymentID: p.state.ID, ReturnID: r.ReturnID,
		CustomerID: p.state.CustomerID, Amount: payments.Money(r.Amount), Reason: reason,
	})
}

func (p *Payment) refundBy(matches func(Refund) bool) *Refund {
	i := slices.IndexFunc(p.state.Refunds, matches)
	if i < 0 {
		return nil
	}
	return &p.state.Refunds[i]
}
