// Package payment is the money of one order: what may happen to it, and what the provider has to be
// asked for because of it. One order has one payment.
//
//	OrderReserved ─▶ authorizing ─▶ authorized ─▶ capturing ─▶ captured ─▶ partially_refunded ─▶ refunded
//	                      │              ╎             │
//	                      └─▶ declined   ╎             └─▶ capture_failed
//	OrderCancelled:       authorizing, authorized, capture_failed ─▶ voiding ─▶ voided
//
// The states that end in -ing wait for an answer of the provider. An order may be cancelled in any
// state, and is always answered once:
//
//	cancelled while it is            what happens                                     what is said
//	(no payment), declined           nothing                                          PaymentVoided
//	authorizing, authorized,
//	capture_failed                   the provider is asked to hold nothing            PaymentVoided, once it agrees
//	capturing                        nothing until the outcome is known:
//	                                 captured: all of it is refunded                  PaymentRefunded or PaymentRefundFailed
//	                                 refused: voided                                  PaymentVoided
//	captured                         what is left of it is refunded                   PaymentRefunded or PaymentRefundFailed
//	voiding, voided                  an authorization that arrives late is voided     nothing more
//
// An amount of zero goes the same way without the provider.
//
// A Payment decides and does nothing itself: it collects what has to be announced, asked, posted and
// looked at by somebody, and is saved together with all of that.
package payment

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// State is what is kept of a payment.
type State struct {
	ID         string
	OrderID    string
	CustomerID string
	Status     Status
	Amount     money.Money
	Captured   money.Money
	Refunded   money.Money
	CardToken  string // forgotten as soon as it has been used
	Held       bool   // the provider holds the money
	Cancelled  bool   // the order is given up
	Answered   bool   // and that nothing is held or kept has been said
	Voids      int    // how often a void was asked for
	Refunds    []Refund
	Answers    []Answer // the first to each request
	OpenedAt   time.Time
	ChangedAt  time.Time
}

// An Event is a fact that has to be announced.
type Event interface {
	EventName() string
	EventKey() string
}

// Changes are what happened to a payment since it was restored.
type Changes struct {
	Events   []Event
	Requests []Request
	Postings []ledger.Transaction
	Alarms   []Alarm
}

// An Alarm is something that cannot be right. It changed nothing; somebody has to look at it.
type Alarm struct {
	OrderID string
	Message string
	At      time.Time
}

// A Payment guards its State: it changes only through the methods of this package.
type Payment struct {
	state   State
	changes Changes
	now     time.Time
}

// For returns the payment of an order that none has been asked for so far.
func For(orderID string, now time.Time) *Payment {
	return Restore(State{ID: uuid.Must(uuid.NewV7()).String(), OrderID: orderID, OpenedAt: now}, now)
}

// Restore returns the payment with that state as of now.
func Restore(state State, now time.Time) *Payment { return &Payment{state: state.copy(), now: now} }

// State returns a copy of the state.
func (p *Payment) State() State { return p.state.copy() }

func (s State) copy() State {
	s.Refunds, s.Answers = slices.Clone(s.Refunds), slices.Clone(s.Answers)
	return s
}

// Changes returns what happened since the payment was restored.
func (p *Payment) Changes() Changes { return p.changes }

func (p *Payment) become(status Status) { p.state.Status, p.state.ChangedAt = status, p.now }

func (p *Payment) announce(event Event) { p.changes.Events = append(p.changes.Events, event) }

func (p *Payment) post(kind ledger.Kind, reference string, amount money.Money) {
	p.changes.Postings = append(p.changes.Postings, ledger.Of(kind, reference, amount, p.now))
}

func (p *Payment) alarm(message string) {
	p.changes.Alarms = append(p.changes.Alarms, Alarm{OrderID: p.state.OrderID, Message: message, At: p.now})
}
