package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	paymentsprovidersql "github.com/pangaea-shop/pangaea/migrations/payments_provider"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// TestARequestMadeManyTimesAtOnceMovesMoneyOnce has processes ask that know nothing of each other: such as
// one that was slow, and one that took over from it.
func TestARequestMadeManyTimesAtOnceMovesMoneyOnce(t *testing.T) {
	dbs := databasetest.Instances(t, "payments-provider", paymentsprovidersql.Files)
	var providers []*simulator.Provider
	for _, db := range dbs {
		providers = append(providers, simulator.New(store.NewBooks(db, tasks.New(db)), simulator.Settings{LateAfter: time.Hour}))
	}
	const payments, each = 15, 8
	price := money.New(1999, "GBP")
	for _, call := range []payment.Call{payment.Authorize, payment.Capture, payment.PayBack} {
		var answers [payments][each]payment.Answer
		var merchants errgroup.Group
		for i := range payments * each {
			merchants.Go(func() (err error) {
				id := fmt.Sprint("payment ", i%payments)
				r := payment.Request{Call: call, Key: id, PaymentID: id, Amount: price}
				var a payment.Answer
				switch p := providers[i%len(providers)]; call {
				case payment.Authorize:
					a, err = p.Authorize(context.Background(), r, simulator.Approve)
				case payment.Capture:
					a, err = p.Capture(context.Background(), r)
				default:
					a, err = p.Refund(context.Background(), r)
				}
				answers[i%payments][i/payments] = a
				return err
			})
		}
		require.NoError(t, merchants.Wait())
		for _, same := range answers {
			require.True(t, same[0].Accepted)
			for _, a := range same {
				require.Equal(t, same[0], a)
			}
		}
	}

	statement, err := store.Statement(t.Context(), dbs[0])
	require.NoError(t, err)
	require.Len(t, statement, payments)
	for _, line := range statement {
		require.Equal(t, store.Line{PaymentID: line.PaymentID, Authorized: price, Captured: price, Refunded: price, Voided: money.New(0, "GBP")}, line)
	}
}
