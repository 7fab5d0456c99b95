package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	paymentssql "github.com/pangaea-shop/pangaea/migrations/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// tills are the payments in all processes that share a database.
type tills []*store.Payments

func openAll(t *testing.T) (all tills) {
	t.Helper()
	for _, db := range databasetest.Instances(t, "payments", paymentssql.Files) {
		all = append(all, store.NewPayments(db, outbox.New(db, nil), tasks.New(db)))
	}
	return all
}

// crowd has n act at once, on all of them.
func (all tills) crowd(t *testing.T, n int, act func(i int, payments *store.Payments) error) {
	t.Helper()
	var crowd errgroup.Group
	for i := range n {
		crowd.Go(func() error { return act(i, all[i%len(all)]) })
	}
	require.NoError(t, crowd.Wait())
}

func TestAnOrderHasOnePaymentHoweverManyOpenIt(t *testing.T) {
	all := openAll(t)
	const orders, each = 15, 8
	var ids [orders][each]string
	all.crowd(t, orders*each, func(i int, payments *store.Payments) error {
		open := func() error {
			return payments.Update(context.Background(), fmt.Sprint("order ", i%orders), func(p *payment.Payment) error {
				ids[i%orders][i/orders] = p.State().ID
				return p.Authorize("ada", price, "tok")
			})
		}
		err := open()
		if errors.Is(err, gorm.ErrDuplicatedKey) { // nothing was done: an event is heard again
			err = open()
		}
		return err
	})
	for _, same := range ids {
		for _, id := range same {
			require.Equal(t, same[0], id)
		}
		state, err := all[0].Find(t.Context(), same[0])
		require.NoError(t, err)
		require.Equal(t, price, state.Amount)
	}
}

func TestNoMoreIsPaidBackThanWasTaken(t *testing.T) {
	all := openAll(t)
	var asked payment.Request
	for _, step := range []func(*payment.Payment) error{
		func(p *payment.Payment) error { return p.Authorize("ada", money.New(2000, "GBP"), "tok") },
		func(p *payment.Payment) error { return p.Capture(money.New(2000, "GBP")) },
	} {
		require.NoError(t, all[0].Update(t.Context(), "order", func(p *payment.Payment) error {
			err := step(p)
			asked = p.Changes().Requests[0]
			return err
		}))
		agree(t, all[0], &asked)
	}

	all.crowd(t, 20, func(i int, payments *store.Payments) error {
		return payments.Update(context.Background(), "order", func(p *payment.Payment) error {
			return p.Return(fmt.Sprint("return ", i/2), money.New(300, "GBP")) // each is heard of twice
		})
	})
	state, err := all[0].Find(t.Context(), asked.PaymentID)
	require.NoError(t, err)
	require.Len(t, state.Refunds, 10)
	owed := 0
	for _, r := range state.Refunds {
		owed += r.Attempt
	}
	require.Equal(t, 6, owed, "of 300 each, out of 2,000")
}
