package cashier_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/cashier"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

var price = money.New(1999, "GBP")

func (h *house) reserve(t *testing.T, card string) {
	t.Helper()
	require.NoError(t, h.checkout.OrderReserved(t.Context(), &ordering.OrderReserved{
		OrderID: "order", CustomerID: "ada", Total: ordering.Money(price), PaymentToken: card,
	}))
}

func (h *house) confirm(t *testing.T) {
	t.Helper()
	require.NoError(t, h.checkout.OrderConfirmed(t.Context(), &ordering.OrderConfirmed{
		OrderID: "order", CustomerID: "ada", Total: ordering.Money(price),
	}))
}

func (h *house) cancel(t *testing.T) {
	t.Helper()
	require.NoError(t, h.checkout.OrderCancelled(t.Context(), &ordering.OrderCancelled{OrderID: "order", CustomerID: "ada"}))
}

func (h *house) becomes(t *testing.T, status payment.Status) {
	t.Helper()
	require.Eventually(t, func() bool { return h.of(t, "order").Status == status }, 30*time.Second, 5*time.Millisecond,
		"the payment does not become %s", status)
}

func TestEveryCard(t *testing.T) {
	for _, c := range []struct {
		card       string
		authorized payment.Status
		captured   payment.Status
	}{
		{simulator.Approve, payment.Authorized, payment.Captured},
		{simulator.Twice, payment.Authorized, payment.Captured},
		{simulator.RefundFail, payment.Authorized, payment.Captured},
		{simulator.CaptureFail, payment.Authorized, payment.CaptureFailed},
		{simulator.Late, payment.Authorized, payment.Captured},
		{simulator.Decline, payment.Declined, ""},
		{"tok_of_somebody_else", payment.Declined, ""},
	} {
		t.Run(c.card, func(t *testing.T) {
			t.Parallel()
			h := open(t, 3, nil)
			h.reserve(t, c.card)
			h.becomes(t, c.authorized)
			if c.captured != "" {
				h.confirm(t)
				h.becomes(t, c.captured)
			}
			h.rests(t)
			figures, err := store.Count(t.Context(), h.db)
			require.NoError(t, err)
			require.Zero(t, figures.Alarms, "whoever answers twice says the same")
		})
	}
}

func TestAProviderThatNeverAnswersHoldsNothingOfACancelledOrder(t *testing.T) {
	for _, card := range []string{simulator.Timeout, simulator.Late} {
		t.Run(card, func(t *testing.T) {
			t.Parallel()
			h := open(t, 3, nil)
			h.reserve(t, card)
			h.cancel(t)
			h.becomes(t, payment.Voided)
			h.rests(t)
			h.agrees(t)
		})
	}
}

func TestARefusedRefundWaitsForStaff(t *testing.T) {
	h := open(t, 3, nil)
	h.reserve(t, simulator.RefundFail)
	h.becomes(t, payment.Authorized)
	h.confirm(t)
	h.becomes(t, payment.Captured)
	h.cancel(t)
	require.Eventually(t, func() bool { return h.of(t, "order").Refunds[0].Status == payment.RefundFailed }, 30*time.Second, 5*time.Millisecond)

	refund := h.of(t, "order").Refunds[0].ID
	require.NoError(t, h.payments.UpdateRefund(t.Context(), refund, func(_ context.Context, p *payment.Payment) error { return p.Retry(refund) }))
	h.becomes(t, payment.Refunded)
	h.rests(t)
	h.agrees(t)
}

// A stranger answers every call with what a test says.
type stranger struct {
	answer func(payment.Request) (payment.Answer, error)
}

func (s stranger) Authorize(_ context.Context, r payment.Request, _ string) (payment.Answer, error) {
	return s.answer(r)
}

func (s stranger) Capture(_ context.Context, r payment.Request) (payment.Answer, error) {
	return s.answer(r)
}

func (s stranger) Void(_ context.Context, r payment.Request) (payment.Answer, error) {
	return s.answer(r)
}

func (s stranger) Refund(_ context.Context, r payment.Request) (payment.Answer, error) {
	return s.answer(r)
}

func agree(r payment.Request) payment.Answer {
	return payment.Answer{Call: r.Call, Key: r.Key, PaymentID: r.PaymentID, Accepted: true, Amount: r.Amount, Reference: r.Key}
}

func TestAnswersThatMakeNoSenseChangeNothingAndAreParkedWithTheOrder(t *testing.T) {
	for name, wrong := range map[string]func(*payment.Answer){
		"another currency":  func(a *payment.Answer) { a.Amount.Currency = "EUR" },
		"a negative amount": func(a *payment.Answer) { a.Amount.Amount *= -1 },
		"no reference":      func(a *payment.Answer) { a.Reference = "" },
		"another key":       func(a *payment.Answer) { a.Key = "another" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, 3, func(h *house) (cashier.Payments, cashier.Provider) {
				return impatient{h.payments}, stranger{func(r payment.Request) (payment.Answer, error) {
					answer := agree(r)
					wrong(&answer)
					return answer, nil
				}}
			})
			h.reserve(t, simulator.Approve)
			h.parks(t, "order order")
			require.Equal(t, payment.Authorizing, h.of(t, "order").Status)
			figures, err := store.Count(t.Context(), h.db)
			require.NoError(t, err)
			require.EqualValues(t, 1, figures.Alarms)
		})
	}
}

func TestAProviderThatCannotBeReachedIsAskedForAsLongAsItTakes(t *testing.T) {
	calls := 0
	h := open(t, 3, func(h *house) (cashier.Payments, cashier.Provider) {
		return impatient{h.payments}, stranger{func(r payment.Request) (payment.Answer, error) {
			if calls++; calls < 50 {
				return payment.Answer{}, fault.New(fault.Unavailable, "no line")
			}
			return agree(r), nil
		}}
	})
	h.reserve(t, simulator.Approve)
	h.becomes(t, payment.Authorized)
	require.Equal(t, 50, calls)
}

func TestAProviderThatRefusesToUnderstandIsParkedWithTheOrder(t *testing.T) {
	h := open(t, 3, func(h *house) (cashier.Payments, cashier.Provider) {
		return impatient{h.payments}, stranger{func(payment.Request) (payment.Answer, error) {
			return payment.Answer{}, errors.New("<html>500</html>")
		}}
	})
	h.reserve(t, simulator.Approve)
	h.parks(t, "order order")
}

func TestAnAnswerAboutAnUnknownPaymentIsNotHeard(t *testing.T) {
	h := open(t, 3, nil)
	require.True(t, fault.Is(h.cashier.Hear(t.Context(), payment.Answer{PaymentID: "nobody's"}), fault.NotFound))
}
