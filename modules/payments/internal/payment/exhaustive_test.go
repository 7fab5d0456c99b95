package payment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A world is a payment and everything it ever asked, posted and said.
type world struct {
	state    payment.State
	requests []payment.Request
	balances map[ledger.Account]int64
	voided   int // how often PaymentVoided was said
	returned int // how often the outcome of a refund of the whole order was said
	retried  int // how often refunds were tried again
}

// A step is a message or an answer that may arrive.
type step struct {
	name     string
	do       func(*payment.Payment)
	nonsense bool // it must change nothing and raise an alarm
	repeated bool // it must change nothing, quietly
	retrying bool
}

var total = pounds(100)

// steps are all messages and answers that could arrive in a world, whether they make sense or not.
func (w world) steps() []step {
	retry := func(p *payment.Payment) {
		for _, refund := range p.State().Refunds {
			_ = p.Retry(refund.ID)
		}
	}
	steps := []step{
		{name: "OrderReserved", do: func(p *payment.Payment) { _ = p.Authorize("ada", total, "tok") }},
		{name: "OrderConfirmed", do: func(p *payment.Payment) { _ = p.Capture(total) }},
		{name: "OrderCancelled", do: func(p *payment.Payment) { p.GiveUp("ada") }},
		{name: "ReturnAccepted 1", do: func(p *payment.Payment) { _ = p.Return("r1", pounds(40)) }},
		{name: "ReturnAccepted 2", do: func(p *payment.Payment) { _ = p.Return("r2", pounds(70)) }},
		{name: "retry", do: retry, retrying: true},
		{name: "answer to nothing", do: hear(payment.Answer{Call: payment.Capture, Key: "?", PaymentID: w.state.ID, Amount: total, Reference: "?"}), nonsense: true},
	}
	for _, r := range w.requests {
		yes := payment.Answer{Call: r.Call, Key: r.Key, PaymentID: r.PaymentID, Accepted: true, Amount: r.Amount, Reference: "yes " + string(r.Call) + r.Key}
		no := yes
		no.Accepted, no.Reason, no.Reference = false, "no", "no "+string(r.Call)+r.Key
		name := fmt.Sprintf("%s %d", r.Call, slices.Index(w.requests, r))
		steps = append(steps, w.answers(name, r, yes, no)...)
	}
	return steps
}

// answers are the ways in which the provider can answer a request, rightly and wrongly.
func (w world) answers(name string, r payment.Request, yes, no payment.Answer) []step {
	with := func(change func(*payment.Answer)) func(*payment.Payment) {
		wrong := yes
		change(&wrong)
		return hear(wrong)
	}
	known := slices.IndexFunc(w.state.Answers, func(a payment.Answer) bool { return a.Call == r.Call && a.Key == r.Key })
	if known >= 0 {
		first := w.state.Answers[known]
		other := yes
		if first.Accepted {
			other = no
		}
		doubled := first
		doubled.Reference = "the same under another reference"
		return []step{
			{name: name + " again", do: hear(first), repeated: true},
			{name: name + " doubled", do: hear(doubled), repeated: true},
			{name: name + " contradicted", do: hear(other), nonsense: true},
			{name: name + " contradicted under the same reference", do: with(func(a *payment.Answer) {
				a.Accepted, a.Reference = !first.Accepted, first.Reference
			}), nonsense: true},
		}
	}
	steps := []step{
		{name: name + " yes", do: hear(yes)},
		{name: name + " no", do: hear(no), nonsense: r.Call == payment.Void},
		{name: name + " over less", do: with(func(a *payment.Answer) { a.Amount.Amount-- }), nonsense: true},
		{name: name + " negative", do: with(func(a *payment.Answer) { a.Amount.Amount = -a.Amount.Amount }), nonsense: true},
		{name: name + " in another currency", do: with(func(a *payment.Answer) { a.Amount.Currency = "EUR" }), nonsense: true},
		{name: name + " for another merchant", do: with(func(a *payment.Answer) { a.PaymentID = "theirs" }), nonsense: true},
		{name: name + " without a reference", do: with(func(a *payment.Answer) { a.Reference = "" }), nonsense: true},
	}
	if len(w.state.Answers) > 0 {
		steps = append(steps, step{name: name + " under a used reference", do: with(func(a *payment.Answer) {
			a.Reference = w.state.Answers[0].Reference
		}), nonsense: true})
	}
	return steps
}

func hear(a payment.Answer) func(*payment.Payment) { return func(p *payment.Payment) { p.Hear(a) } }

// after is the world after a step; what must hold after any step is checked.
func (w world) after(t *testing.T, s step) world {
	p := payment.Restore(w.state, noon)
	s.do(p)
	changes := p.Changes()
	next := world{
		state: p.State(), requests: append(slices.Clone(w.requests), changes.Requests...),
		balances: map[ledger.Account]int64{}, voided: w.voided, returned: w.returned, retried: w.retried,
	}
	for account, balance := range w.balances {
		next.balances[account] = balance
	}
	for _, transaction := range changes.Postings {
		require.NoError(t, transaction.Check())
		for _, posting := range transaction.Postings {
			next.balances[posting.Account] += posting.Amount.Amount
		}
	}
	for _, event := range changes.Events {
		switch e := event.(type) {
		case payments.PaymentVoided:
			next.voided++
		case payments.PaymentRefunded:
			next.returned += wholly(e.ReturnID)
		case payments.PaymentRefundFailed:
			next.returned += wholly(e.ReturnID)
		}
	}
	if s.retrying && len(changes.Requests) > 0 {
		next.retried++
	}
	if len(changes.Alarms) > 0 || s.nonsense || s.repeated {
		if s.name != "ReturnAccepted 1" && s.name != "ReturnAccepted 2" { // over what is left: kept as failed
			require.Equal(t, w.state, next.state, "changes nothing")
			require.Empty(t, changes.Events)
			require.Empty(t, changes.Requests)
		}
		require.Empty(t, changes.Postings)
	}
	if s.repeated {
		require.Empty(t, changes.Alarms, "a repetition is no reason for alarm")
	}
	if s.nonsense {
		require.NotEmpty(t, changes.Alarms, "somebody has to look at it")
	}
	return next
}

func wholly(returnID string) int {
	if returnID == "" {
		return 1
	}
	return 0
}

// isSound holds in every world.
func (w world) isSound(t *testing.T) {
	s := w.state
	var owed int64
	var asked []payment.Request
	for _, refund := range s.Refunds {
		if refund.Attempt > 0 {
			owed += refund.Amount.Amount
		}
	}
	for _, r := range w.requests {
		if s.Wants(r) {
			asked = append(asked, r)
		}
	}
	waiting := 0
	for _, refund := range s.Refunds {
		if refund.Status == payment.RefundRequested {
			waiting++
		}
	}
	if s.Status.Waits() {
		waiting++
	}
	require.Len(t, asked, waiting, "whatever is waited for was asked for, once")

	require.LessOrEqual(t, owed, s.Captured.Amount)
	require.LessOrEqual(t, s.Refunded.Amount, owed)
	require.Contains(t, []money.Money{pounds(0), s.Amount}, s.Captured)
	held := int64(0)
	if s.Held {
		held = s.Amount.Amount
	}
	require.Equal(t, held, w.balances[ledger.Holds])
	require.Equal(t, -held, w.balances[ledger.HeldForUs])
	require.Equal(t, s.Captured.Amount-s.Refunded.Amount, w.balances[ledger.Clearing])
	require.Equal(t, -s.Captured.Amount, w.balances[ledger.Sales])
	require.Equal(t, owed, w.balances[ledger.Refunds])
	require.Equal(t, s.Refunded.Amount-owed, w.balances[ledger.Customers])

	require.LessOrEqual(t, w.voided, 1)
	if !s.Cancelled {
		require.Zero(t, w.voided+w.returned)
		return
	}
	if waiting == 0 {
		require.False(t, s.Held, "nothing stays held")
		require.Equal(t, s.Captured.Amount, owed, "nothing is kept")
		require.Equal(t, 1+w.wholeRetried(), w.voided+w.returned, "answered once, and once more per retry")
	}
}

// wholeRetried is how often the refund of the whole order was tried again.
func (w world) wholeRetried() int {
	for _, refund := range w.state.Refunds {
		if refund.ReturnID == "" {
			return refund.Attempt - 1
		}
	}
	return 0
}

// name tells worlds apart by what matters for what can happen next.
func (w world) name() string {
	name := fmt.Sprintf("%+v %v %d %d %d", w.state, w.balances, w.voided, w.returned, len(w.requests))
	for _, refund := range w.state.Refunds {
		name = strings.ReplaceAll(name, refund.ID, "refund "+refund.ReturnID)
	}
	return name
}

// Every message and every answer, right, late, doubled or contradicting, in every state that any order of
// them leads to.
func TestEveryStateTimesEveryMessage(t *testing.T) {
	first := payment.For("order", noon)
	worlds := []world{{state: first.State(), balances: map[ledger.Account]int64{}}}
	seen := map[string]bool{}
	reached := map[payment.Status]int{}
	transitions := 0
	for len(worlds) > 0 {
		var next []world
		for _, w := range worlds {
			for _, s := range w.steps() {
				if s.retrying && w.retried > 0 {
					continue // more of the same
				}
				then := w.after(t, s)
				then.isSound(t)
				transitions++
				if t.Failed() {
					t.Fatalf("%s in %+v", s.name, w.state)
				}
				if name := then.name(); !seen[name] {
					seen[name] = true
					reached[then.state.Status]++
					next = append(next, then)
				}
			}
		}
		worlds = next
	}
	t.Logf("%d states, %d transitions: %v", len(seen), transitions, reached)
	for _, status := range []payment.Status{
		payment.Authorizing, payment.Authorized, payment.Declined, payment.Capturing, payment.Captured, payment.CaptureFailed,
		payment.PartiallyRefunded, payment.Refunded, payment.Voiding, payment.Voided,
	} {
		require.NotZero(t, reached[status], "no order of events leads to %s", status)
	}
}
