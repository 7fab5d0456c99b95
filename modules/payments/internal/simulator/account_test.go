package simulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func request(call payment.Call, key string, amount int64) payment.Request {
	return payment.Request{Call: call, Key: key, PaymentID: "p1", Amount: money.New(amount, "GBP")}
}

// ask asks at a moment and expects an outcome.
func ask(t *testing.T, a *simulator.Account, r payment.Request, card string, at time.Time, want simulator.Outcome) simulator.Record {
	t.Helper()
	record, _, err := a.Ask(r, card, 45*time.Second, at)
	require.NoError(t, err)
	require.Equal(t, want, record.Outcome, record.Reason)
	return record
}

func TestTheSameRequestGetsTheSameAnswer(t *testing.T) {
	a := &simulator.Account{PaymentID: "p1"}
	first := ask(t, a, request(payment.Authorize, "p1", 5), simulator.Approve, noon, simulator.Accepted)
	again := ask(t, a, request(payment.Authorize, "p1", 5), simulator.Decline, noon.Add(time.Hour), simulator.Accepted)
	require.Equal(t, first, again)
	require.Len(t, a.Moved, 1, "held once")

	_, _, err := a.Ask(request(payment.Authorize, "p1", 6), simulator.Approve, 0, noon)
	require.True(t, fault.Is(err, fault.Conflict))
}

func TestAVoidThatOvertakesItsAuthorizationWins(t *testing.T) {
	a := &simulator.Account{PaymentID: "p1"}
	ask(t, a, request(payment.Void, "p1", 5), "", noon, simulator.Accepted)
	ask(t, a, request(payment.Authorize, "p1", 5), simulator.Approve, noon, simulator.Refused)
	require.Empty(t, a.Moved)
}

func TestALateCardIsHeldWhenItsTimeHasCome(t *testing.T) {
	a := &simulator.Account{PaymentID: "p1"}
	ask(t, a, request(payment.Authorize, "p1", 5), simulator.Late, noon, simulator.Pending)
	require.Equal(t, noon.Add(45*time.Second), a.CallBacks[0].Due)
	ask(t, a, request(payment.Void, "p1", 5), "", noon.Add(44*time.Second), simulator.Pending)
	_, known := a.Settled(payment.Authorize, "p1", noon.Add(44*time.Second))
	require.False(t, known)

	settled, known := a.Settled(payment.Authorize, "p1", noon.Add(45*time.Second))
	require.True(t, known)
	require.Equal(t, simulator.Accepted, settled.Outcome)
	ask(t, a, request(payment.Void, "p1", 5), "", noon.Add(46*time.Second), simulator.Accepted)
	require.Len(t, a.Moved, 2, "held, and let go")
}

func TestASilentAuthorizationIsEndedByAVoid(t *testing.T) {
	a := &simulator.Account{PaymentID: "p1"}
	ask(t, a, request(payment.Authorize, "p1", 5), simulator.Timeout, noon, simulator.Pending)
	ask(t, a, request(payment.Authorize, "p1", 5), simulator.Timeout, noon.Add(time.Hour), simulator.Pending)
	ask(t, a, request(payment.Void, "p1", 5), "", noon, simulator.Accepted)
	ask(t, a, request(payment.Authorize, "p1", 5), simulator.Timeout, noon, simulator.Refused)
	require.Empty(t, a.Moved)
	require.Empty(t, a.CallBacks)
}

func TestNoMoreIsPaidBackThanWasTaken(t *testing.T) {
	a := &simulator.Account{PaymentID: "p1"}
	ask(t, a, request(payment.PayBack, "r0", 1), "", noon, simulator.Refused)
	a = &simulator.Account{PaymentID: "p1"}
	ask(t, a, request(payment.Authorize, "p1", 100), simulator.Approve, noon, simulator.Accepted)
	ask(t, a, request(payment.Capture, "p1", 100), "", noon, simulator.Accepted)
	ask(t, a, request(payment.PayBack, "r1", 60), "", noon, simulator.Accepted)
	ask(t, a, request(payment.PayBack, "r2", 41), "", noon, simulator.Refused)
	ask(t, a, request(payment.PayBack, "r3", 40), "", noon, simulator.Accepted)
	ask(t, a, request(payment.Void, "p1", 100), "", noon, simulator.Refused)
}
