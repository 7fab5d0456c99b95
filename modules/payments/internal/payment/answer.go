package payment

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Call is something that the provider can be asked to do.
type Call string

// The calls.
const (
	Authorize Call = "authorize" // hold the amount
	Capture   Call = "capture"   // take what is held
	Void      Call = "void"      // hold nothing
	PayBack   Call = "refund"    // pay back a part of what was taken
)

// A Request is what the provider has to be asked. The same call with the same key is the same request.
type Request struct {
	Call      Call        `json:"call"`
	Key       string      `json:"key"`
	OrderID   string      `json:"order_id"`
	PaymentID string      `json:"payment_id"`
	Amount    money.Money `json:"amount"`
}

// An Answer is what the provider says to a request.
type Answer struct {
	Call      Call
	Key       string
	PaymentID string
	Accepted  bool
	Amount    money.Money
	Reference string // the provider's name of this answer
	Reason    string // why it refuses
}

// An Inquiry is a request that has been made so often without an answer.
type Inquiry struct {
	Request Request `json:"request"`
	Asked   int     `json:"asked"`
}

// Again is the inquiry after one more time.
func (i Inquiry) Again() Inquiry { return Inquiry{i.Request, i.Asked + 1} }

// Key tells the times apart that a request is made.
func (i Inquiry) Key() string {
	if i.Asked == 0 {
		return i.Request.Key
	}
	return i.Request.Key + "#" + strconv.Itoa(i.Asked)
}

// Wants reports whether the payment still waits for an answer to that request.
func (s State) Wants(r Request) bool {
	switch r.Call {
	case Authorize:
		return s.Status == Authorizing && r.Key == s.ID
	case Capture:
		return s.Status == Capturing && r.Key == s.ID
	case Void:
		return s.Status == Voiding && r.Key == s.voidKey()
	default:
		return slices.ContainsFunc(s.Refunds, func(refund Refund) bool {
			return refund.key() == r.Key && refund.Status == RefundRequested
		})
	}
}

// Hear acts on an answer of the provider, whenever it comes: the first to a request counts. The same
// again changes nothing. One that contradicts it, or answers what was never asked, changes nothing
// either and raises an alarm.
func (p *Payment) Hear(a Answer) {
	if first := p.answer(func(known Answer) bool { return known.Call == a.Call && known.Key == a.Key }); first != nil {
		if first.Accepted != a.Accepted || first.Amount != a.Amount {
			p.alarm(fmt.Sprintf("the provider contradicts itself: %s, and now %s", first, a))
		}
		return
	}
	if p.answer(func(known Answer) bool { return known.Reference == a.Reference }) != nil || a.Reference == "" {
		p.alarm(fmt.Sprintf("the provider repeats a reference in another answer: %s", a))
		return
	}
	if !p.act(a) {
		p.alarm(fmt.Sprintf("the provider's answer fits nothing that was asked: %s", a))
		return
	}
	p.state.Answers = append(p.state.Answers, a)
	p.state.ChangedAt = p.now
}

// act does what a first answer asks for; false means that it makes no sense and nothing was done.
func (p *Payment) act(a Answer) bool {
	if a.PaymentID != p.state.ID {
		return false
	}
	if a.Call == PayBack {
		return p.hearRefund(a)
	}
	if a.Amount != p.state.Amount || a.Amount.IsZero() {
		return false
	}
	switch {
	case a.Call == Authorize && a.Key == p.state.ID:
		return p.hearAuthorization(a)
	case a.Call == Capture && a.Key == p.state.ID && p.state.Status == Capturing:
		p.hearCapture(a)
	case a.Call == Void && a.Key == p.state.voidKey() && p.state.Status == Voiding && a.Accepted:
		p.voided()
	default:
		return false
	}
	return true
}

func (p *Payment) hearAuthorization(a Answer) bool {
	switch p.state.Status {
	case Authorizing, Voiding, Voided:
	default:
		return false
	}
	p.state.CardToken = ""
	if a.Accepted {
		p.hold()
	}
	switch {
	case p.state.Status == Authorizing && a.Accepted:
		p.authorized()
	case p.state.Status == Authorizing:
		p.become(Declined)
		p.announce(payments.PaymentDeclined{OrderID: p.state.OrderID, PaymentID: p.state.ID, Reason: a.Reason})
	case p.state.Status == Voided && a.Accepted:
		p.void() // too late to be of use: it must not stay held
	}
	return true
}

func (p *Payment) hearCapture(a Answer) {
	switch {
	case a.Accepted:
		p.state.Held = false
		p.post(ledger.Captured, p.state.ID, p.state.Amount)
		p.captured()
		if p.state.Cancelled {
			p.refundAll()
		}
	case p.state.Cancelled:
		p.void()
	default:
		p.become(CaptureFailed)
		p.announce(payments.PaymentCaptureFailed{OrderID: p.state.OrderID, PaymentID: p.state.ID, Reason: a.Reason})
	}
}

func (p *Payment) hearRefund(a Answer) bool {
	r := p.refundBy(func(r Refund) bool { return r.key() == a.Key })
	if r == nil || r.Status != RefundRequested || a.Amount != r.Amount {
		return false
	}
	if !a.Accepted {
		p.refundFailed(r, a.Reason)
		return true
	}
	p.post(ledger.RefundPaid, r.ID, r.Amount)
	p.refunded(r)
	return true
}

func (p *Payment) ask(call Call, key string, amount money.Money) {
	p.changes.Requests = append(p.changes.Requests, Request{
		Call: call, Key: key, OrderID: p.state.OrderID, PaymentID: p.state.ID, Amount: amount,
	})
}

func (p *Payment) answer(matches func(Answer) bool) *Answer {
	for i := range p.state.Answers {
		if matches(p.state.Answers[i]) {
			return &p.state.Answers[i]
		}
	}
	return nil
}

func (s State) voidKey() string { return numbered(s.ID, s.Voids) }

// numbered is the key of the n-th time that the same thing is asked for.
func numbered(id string, n int) string {
	if n <= 1 {
		return id
	}
	return id + "-" + strconv.Itoa(n)
}

// String says what was answered, for people.
func (a Answer) String() string {
	verb := "refuses to"
	if a.Accepted {
		verb = "agrees to"
	}
	return fmt.Sprintf("%s %s %s %s (%s)", verb, a.Call, a.Key, a.Amount, a.Reference)
}
