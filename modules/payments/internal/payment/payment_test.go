package payment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func pounds(amount int64) money.Money { return money.New(amount, "GBP") }

// paid returns a payment whose money was captured.
func paid(t *testing.T, total money.Money) *payment.Payment {
	t.Helper()
	p := payment.For("order", noon)
	require.NoError(t, p.Authorize("ada", total, "tok_approve"))
	if !total.IsZero() {
		p.Hear(answer(p, payment.Authorize, p.State().ID, true, total))
	}
	require.NoError(t, p.Capture(total))
	if !total.IsZero() {
		p.Hear(answer(p, payment.Capture, p.State().ID, true, total))
	}
	return payment.Restore(p.State(), noon)
}

func answer(p *payment.Payment, call payment.Call, key string, accepted bool, amount money.Money) payment.Answer {
	return payment.Answer{
		Call: call, Key: key, PaymentID: p.State().ID, Accepted: accepted, Amount: amount,
		Reference: string(call) + " " + key, Reason: "because",
	}
}

func TestTheCardTokenIsForgotten(t *testing.T) {
	for name, use := range map[string]func(*payment.Payment){
		"once the money is held": func(p *payment.Payment) {
			p.Hear(answer(p, payment.Authorize, p.State().ID, true, pounds(5)))
		},
		"once it is declined": func(p *payment.Payment) {
			p.Hear(answer(p, payment.Authorize, p.State().ID, false, pounds(5)))
		},
		"once the order is given up": func(p *payment.Payment) { p.GiveUp("ada") },
	} {
		t.Run(name, func(t *testing.T) {
			p := payment.For("order", noon)
			require.NoError(t, p.Authorize("ada", pounds(5), "tok_approve"))
			require.Equal(t, "tok_approve", p.State().CardToken)
			use(p)
			require.Empty(t, p.State().CardToken)
		})
	}
}

func TestNothingCostsNoCall(t *testing.T) {
	p := payment.For("order", noon)
	require.NoError(t, p.Authorize("ada", pounds(0), "tok_decline"))
	require.NoError(t, p.Capture(pounds(0)))
	require.NoError(t, p.Return("r1", pounds(0)))
	p.GiveUp("ada")

	id, nothing := p.State().ID, payments.Money{Currency: "GBP"}
	require.Equal(t, []payment.Event{
		payments.PaymentAuthorized{OrderID: "order", PaymentID: id},
		payments.PaymentCaptured{OrderID: "order", PaymentID: id, Amount: nothing},
		payments.PaymentRefunded{OrderID: "order", PaymentID: id, ReturnID: "r1", CustomerID: "ada", Amount: nothing},
		payments.PaymentRefunded{OrderID: "order", PaymentID: id, CustomerID: "ada", Amount: nothing},
	}, p.Changes().Events)
	require.Empty(t, p.Changes().Requests)
	require.Empty(t, p.Changes().Postings)
	require.Empty(t, p.Changes().Alarms)
}

func TestRefundsNeverExceedWhatWasCaptured(t *testing.T) {
	p := paid(t, pounds(100))
	require.NoError(t, p.Return("r1", pounds(60)))
	require.NoError(t, p.Return("r2", pounds(41)))

	refunds := p.State().Refunds
	require.Equal(t, payment.RefundRequested, refunds[0].Status)
	require.Equal(t, payment.RefundFailed, refunds[1].Status)
	require.Len(t, p.Changes().Requests, 1, "the provider is not even asked")
	require.Len(t, p.Changes().Alarms, 1)
	require.True(t, fault.Is(p.Retry(refunds[1].ID), fault.Conflict))

	require.NoError(t, p.Return("r3", pounds(40)))
	require.Len(t, p.Changes().Requests, 2, "to the penny it is fine")
}

func TestARefusedRefundIsTriedAgainUnderAnotherKey(t *testing.T) {
	p := paid(t, pounds(100))
	require.NoError(t, p.Return("r1", pounds(100)))
	first := p.Changes().Requests[0]
	p.Hear(answer(p, payment.PayBack, first.Key, false, pounds(100)))
	require.IsType(t, payments.PaymentRefundFailed{}, p.Changes().Events[0])

	require.NoError(t, p.Retry(p.State().Refunds[0].ID))
	require.NoError(t, p.Retry(p.State().Refunds[0].ID), "one under way stays as it is")
	require.Len(t, p.Changes().Requests, 2)
	second := p.Changes().Requests[1]
	require.NotEqual(t, first.Key, second.Key)
	p.Hear(answer(p, payment.PayBack, second.Key, true, pounds(100)))
	require.NoError(t, p.Retry(p.State().Refunds[0].ID), "one that is done as well")

	require.Equal(t, payment.Refunded, p.State().Status)
	require.True(t, fault.Is(p.Retry("another"), fault.NotFound))
}

func TestWhatCannotBeRightChangesNothingAndIsRefused(t *testing.T) {
	blank := func() *payment.Payment { return payment.For("order", noon) }
	require.Error(t, blank().Authorize("ada", pounds(-1), "tok_approve"))
	require.Error(t, blank().Authorize("ada", money.New(1, "XXQ"), "tok_approve"))
	require.Error(t, blank().Capture(pounds(1)))
	require.Error(t, blank().Return("r1", pounds(1)))

	p := paid(t, pounds(100))
	before := p.State()
	require.Error(t, p.Return("r1", pounds(-1)))
	require.Error(t, p.Return("r1", money.New(1, "EUR")))
	require.Error(t, p.Return("", pounds(1)))
	require.Equal(t, before, p.State())
}

func TestALateAuthorizationIsVoided(t *testing.T) {
	p := payment.For("order", noon)
	require.NoError(t, p.Authorize("ada", pounds(5), "tok_late"))
	p.GiveUp("ada")
	p.Hear(answer(p, payment.Void, p.State().ID, true, pounds(5)))
	require.Equal(t, payment.Voided, p.State().Status)

	p.Hear(answer(p, payment.Authorize, p.State().ID, true, pounds(5)))
	require.Equal(t, payment.Voiding, p.State().Status)
	require.Equal(t, payment.Authorized, p.State().Shown())
	again := p.Changes().Requests[len(p.Changes().Requests)-1]
	require.Equal(t, payment.Void, again.Call)
	p.Hear(answer(p, payment.Void, again.Key, true, pounds(5)))

	require.Equal(t, payment.Voided, p.State().Status)
	require.Equal(t, []payment.Event{payments.PaymentVoided{OrderID: "order"}}, p.Changes().Events, "said once")
}
