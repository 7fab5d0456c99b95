package simulator

import (
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Status says what the provider has done with a merchant's payment.
type Status string

// The statuses. One that nobody has asked about has none.
const (
	Deciding Status = "deciding"
	Held     Status = "held"
	Declined Status = "declined"
	Voided   Status = "voided"
	Captured Status = "captured"
)

// An Outcome is what became of a request.
type Outcome string

// The outcomes.
const (
	Pending  Outcome = "pending"
	Accepted Outcome = "accepted"
	Refused  Outcome = "refused"
)

// A Record is a request and its answer. The same call with the same key has one.
type Record struct {
	Call      payment.Call
	Key       string
	Amount    money.Money
	Outcome   Outcome
	Reason    string
	Reference string
	AskedAt   time.Time
}

// A Movement is a line of the statement: what was really held, taken, let go or paid back.
type Movement struct {
	Reference string
	Call      payment.Call
	Amount    money.Money
	At        time.Time
}

// An Account is what the provider knows of one payment of a merchant.
type Account struct {
	PaymentID     string
	Card          string
	Status        Status
	Amount        money.Money
	Refunded      int64
	RefundRefused bool
	DecidesAt     time.Time // zero: never
	Records       []Record

	Moved     []Movement // since it was loaded
	CallBacks []CallBack // since it was loaded
}

// A CallBack is an answer that the provider gives on its own.
type CallBack struct {
	PaymentID string       `json:"payment_id"`
	Call      payment.Call `json:"call"`
	Key       string       `json:"key"`
	Due       time.Time    `json:"-"`
}

// secondAnswer is how long after the first answer of a Twice card the second one is given.
const secondAnswer = 500 * time.Millisecond

// Ask answers a request, the same one always the same. first says that it was not known before. It is
// fault.Conflict if the request was known with another amount.
func (a *Account) Ask(r payment.Request, card string, lateAfter time.Duration, now time.Time) (given Record, first bool, err error) {
	a.decide(now)
	if known := a.record(r.Call, r.Key); known != nil {
		if known.Amount != r.Amount {
			return Record{}, false, fault.New(fault.Conflict, "%s %s was asked for over %s and now over %s", r.Call, r.Key, known.Amount, r.Amount)
		}
		return *known, false, nil
	}
	if r.Call == payment.Void && a.Status == Deciding && !a.DecidesAt.IsZero() {
		return Record{Outcome: Pending}, false, nil // known soon: ask again
	}
	if r.Call == payment.Authorize && a.Card == "" {
		a.Card = card
	}
	a.Records = append(a.Records, Record{
		Call: r.Call, Key: r.Key, Amount: r.Amount, Reference: "sim_" + uuid.Must(uuid.NewV7()).String(), AskedAt: now,
	})
	record := &a.Records[len(a.Records)-1]
	record.Outcome, record.Reason = a.outcome(record, lateAfter, now)
	a.book(record, now)
	a.promise(record, now)
	return *record, true, nil
}

// Settled returns the answer to a request, if there is one by now.
func (a *Account) Settled(call payment.Call, key string, now time.Time) (Record, bool) {
	a.decide(now)
	record := a.record(call, key)
	if record == nil || record.Outcome == Pending {
		return Record{}, false
	}
	return *record, true
}

func (a *Account) outcome(r *Record, lateAfter time.Duration, now time.Time) (Outcome, string) {
	switch r.Call {
	case payment.Authorize:
		return a.authorize(r, lateAfter, now)
	case payment.Capture:
		return a.capture(r)
	case payment.Void:
		return a.void()
	case payment.PayBack:
		return a.refund(r)
	default:
		return Refused, "unknown call"
	}
}

func (a *Account) authorize(r *Record, lateAfter time.Duration, now time.Time) (Outcome, string) {
	if a.Status != "" {
		return Refused, "voided"
	}
	a.Amount = r.Amount
	switch a.Card {
	case Approve, Twice, CaptureFail, RefundFail:
		a.Status = Held
		return Accepted, ""
	case Late:
		a.Status, a.DecidesAt = Deciding, now.Add(lateAfter)
		return Pending, ""
	case Timeout:
		a.Status = Deciding
		return Pending, ""
	case Decline:
		a.Status = Declined
		return Refused, "the card was declined"
	default:
		a.Status = Declined
		return Refused, "the card is unknown"
	}
}

func (a *Account) capture(r *Record) (Outcome, string) {
	switch {
	case a.Status != Held || r.Amount != a.Amount:
		return Refused, "nothing is held over this amount"
	case a.Card == CaptureFail:
		return Refused, "the bank does not pay"
	}
	a.Status = Captured
	return Accepted, ""
}

func (a *Account) void() (Outcome, string) {
	switch a.Status {
	case Captured:
		return Refused, "the money is taken: refund it"
	case Deciding:
		if asked := a.record(payment.Authorize, a.PaymentID); asked != nil {
			asked.Outcome, asked.Reason = Refused, "voided"
		}
	}
	if a.Status != Held { // a held one is let go by its booking
		a.Status = Voided
	}
	return Accepted, ""
}

func (a *Account) refund(r *Record) (Outcome, string) {
	switch {
	case a.Status != Captured || r.Amount.Currency != a.Amount.Currency || r.Amount.Amount > a.Amount.Amount-a.Refunded:
		return Refused, "more than was taken"
	case a.Card == RefundFail && !a.RefundRefused:
		a.RefundRefused = true
		return Refused, "the bank does not take it back"
	}
	a.Refunded += r.Amount.Amount
	return Accepted, ""
}

// book puts what a request moved on the statement.
func (a *Account) book(r *Record, now time.Time) {
	if r.Outcome != Accepted {
		return
	}
	if r.Call == payment.Void {
		if a.Status != Held {
			return
		}
		a.Status = Voided
	}
	a.Moved = append(a.Moved, Movement{Reference: r.Reference, Call: r.Call, Amount: r.Amount, At: now})
}

// promise plans the answers that are given unasked.
func (a *Account) promise(r *Record, now time.Time) {
	due := a.DecidesAt
	if r.Outcome != Pending {
		if a.Card != Twice {
			return
		}
		due = now.Add(secondAnswer)
	}
	if !due.IsZero() {
		a.CallBacks = append(a.CallBacks, CallBack{PaymentID: a.PaymentID, Call: r.Call, Key: r.Key, Due: due})
	}
}

// decide makes up the provider's mind about a Late card when its time has come.
func (a *Account) decide(now time.Time) {
	if a.Status != Deciding || a.DecidesAt.IsZero() || now.Before(a.DecidesAt) {
		return
	}
	a.Status = Held
	if asked := a.record(payment.Authorize, a.PaymentID); asked != nil {
		asked.Outcome = Accepted
		a.book(asked, now)
	}
}

func (a *Account) record(call payment.Call, key string) *Record {
	for i := range a.Records {
		if a.Records[i].Call == call && a.Records[i].Key == key {
			return &a.Records[i]
		}
	}
	return nil
}

// answer is a record as the merchant is told.
func (r Record) answer(paymentID string) payment.Answer {
	return payment.Answer{
		Call: r.Call, Key: r.Key, PaymentID: paymentID, Accepted: r.Outcome == Accepted,
		Amount: r.Amount, Reference: r.Reference, Reason: r.Reason,
	}
}
