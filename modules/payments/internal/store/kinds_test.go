package store_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// The stories in this file have one ending on every kind of database.

func TestEveryPaymentComesBackAsItWasSaved(t *testing.T) {
	payments, _, _ := open(t)
	for name, c := range map[string]struct {
		customer, token, reference, reason string
		amount                             int64
	}{
		"plain":              {"ada", "tok", "r", "", 1999},
		"emoji":              {"ada", "tok", "ref 🫖", "no 💳", 1},
		"quotes":             {"o'hara", `tok"\'`, `"\'; --`, `\0 $1 ? %s`, 1},
		"at its limit":       {strings.Repeat("c", 128), strings.Repeat("t", 200), strings.Repeat("🫖", 255), strings.Repeat("🫖", 4000), 1},
		"as dear as it gets": {"ada", "tok", "dear", "", math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			var saved payment.State
			var asked payment.Request
			require.NoError(t, payments.Update(t.Context(), name, func(p *payment.Payment) error {
				err := p.Authorize(c.customer, money.New(c.amount, "GBP"), c.token)
				saved, asked = p.State(), p.Changes().Requests[0]
				return err
			}))
			loaded, err := payments.Find(t.Context(), saved.ID)
			require.NoError(t, err)
			require.Equal(t, rounded(saved), loaded)

			require.NoError(t, payments.UpdatePayment(t.Context(), saved.ID, func(p *payment.Payment) error {
				a := answer(p, asked)
				a.Accepted, a.Reference, a.Reason = c.reason == "", c.reference, c.reason
				p.Hear(a)
				saved = p.State()
				return nil
			}))
			loaded, err = payments.Find(t.Context(), saved.ID)
			require.NoError(t, err)
			require.Equal(t, rounded(saved), loaded)
		})
	}
}

func TestAnAlarmIsRaisedHoweverMuchItHasToSay(t *testing.T) {
	payments, db, _ := open(t)
	require.NoError(t, payments.Update(t.Context(), "order", func(p *payment.Payment) error { return p.Authorize("ada", price, "tok") }))
	require.NoError(t, payments.Update(t.Context(), "order", func(p *payment.Payment) error {
		p.Hear(payment.Answer{Call: payment.Capture, Key: "k", PaymentID: p.State().ID, Amount: price, Reference: strings.Repeat("🫖", 1000)})
		return nil
	}))
	figures, err := store.Count(t.Context(), db)
	require.NoError(t, err)
	require.EqualValues(t, 1, figures.Alarms)
}
