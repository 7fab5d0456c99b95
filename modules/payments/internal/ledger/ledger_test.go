package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/platform/money"
)

func TestEveryKindBalances(t *testing.T) {
	kinds := []ledger.Kind{ledger.Held, ledger.Released, ledger.Captured, ledger.RefundOwed, ledger.RefundPaid}
	rapid.Check(t, func(t *rapid.T) {
		amount := money.New(rapid.Int64Range(1, 1<<62).Draw(t, "amount"), "GBP")
		for _, kind := range kinds {
			require.NoError(t, ledger.Of(kind, "p1", amount, time.Unix(0, 0)).Check(), kind)
		}
	})
}

func TestWhatDoesNotBalanceIsRefused(t *testing.T) {
	pounds := func(amount int64) money.Money { return money.New(amount, "GBP") }
	for name, postings := range map[string][]ledger.Posting{
		"nothing":        nil,
		"one side":       {{Account: ledger.Sales, Amount: pounds(5)}},
		"a penny off":    {{Account: ledger.Clearing, Amount: pounds(5)}, {Account: ledger.Sales, Amount: pounds(-4)}},
		"zero":           {{Account: ledger.Clearing, Amount: pounds(0)}, {Account: ledger.Sales, Amount: pounds(0)}},
		"two currencies": {{Account: ledger.Clearing, Amount: pounds(5)}, {Account: ledger.Sales, Amount: money.New(-5, "EUR")}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, ledger.Transaction{Kind: ledger.Captured, Reference: "p1", Postings: postings}.Check())
		})
	}
}

func TestACapturedPaymentLeavesNoHold(t *testing.T) {
	amount := money.New(1999, "GBP")
	balances := map[ledger.Account]int64{}
	for _, kind := range []ledger.Kind{ledger.Held, ledger.Captured, ledger.RefundOwed, ledger.RefundPaid} {
		for _, posting := range ledger.Of(kind, "p1", amount, time.Unix(0, 0)).Postings {
			balances[posting.Account] += posting.Amount.Amount
		}
	}
	require.Equal(t, map[ledger.Account]int64{
		ledger.Holds: 0, ledger.HeldForUs: 0, ledger.Clearing: 0, ledger.Customers: 0,
		ledger.Sales: -1999, ledger.Refunds: 1999,
	}, balances)
}
