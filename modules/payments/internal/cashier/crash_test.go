package cashier_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/cashier"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/payments/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/money"
)

var cards = []string{
	simulator.Approve, simulator.Decline, simulator.Timeout, simulator.Late, simulator.Twice,
	simulator.CaptureFail, simulator.RefundFail, "tok_unknown",
}

// Whatever happens to orders in whatever order, with calls that fail, answers that get lost, and crashes
// before and after they are recorded: what the shop believes, what its books say and what the provider's
// statement says is the same.
func TestTheBooksAgreeWithTheProvider(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	chance := &luck{random: rand.New(rand.NewPCG(seed, 2))}
	h := open(t, 1000, func(h *house) (cashier.Payments, cashier.Provider) {
		return crashing{impatient{h.payments}, chance}, lossy{h.provider, chance}
	})

	const orders, messages = 60, 900
	totals := make([]int64, orders)
	for i := range totals {
		totals[i] = random.Int64N(5) * (1 + random.Int64N(10_000))
	}
	for range messages {
		i := random.IntN(orders)
		h.send(t, random, fmt.Sprintf("order-%d", i), cards[i%len(cards)], money.New(totals[i], "GBP"))
	}
	for i := range totals { // time is up for everybody who has not paid
		if s := h.find(t, fmt.Sprintf("order-%d", i)); !s.Status.Moved() {
			require.NoError(t, h.checkout.OrderCancelled(t.Context(), &ordering.OrderCancelled{OrderID: fmt.Sprintf("order-%d", i)}))
		}
	}
	h.rests(t)

	h.agrees(t)
	statuses := map[payment.Status]int{}
	for i := range totals {
		s := h.of(t, fmt.Sprintf("order-%d", i))
		require.False(t, s.Status.Waits(), "order-%d is %s at rest", i, s.Status)
		require.False(t, s.Held && s.Cancelled)
		statuses[s.Status]++
	}
	t.Logf("%v", statuses)
}

// find is of for an order that may have no payment.
func (h *house) find(t *testing.T, orderID string) payment.State {
	t.Helper()
	found, err := h.payments.List(t.Context(), store.Query{OrderID: orderID, Limit: 1})
	require.NoError(t, err)
	if len(found) == 0 {
		return payment.State{}
	}
	return found[0]
}

// send says something that ordering could say now, or has said before.
func (h *house) send(t *testing.T, random *rand.Rand, orderID, card string, total money.Money) {
	t.Helper()
	ctx, amount := t.Context(), ordering.Money(total)
	s := h.find(t, orderID)
	var err error
	switch choice := random.IntN(10); {
	case s.Status == payment.None || choice == 0 && !s.Cancelled:
		err = h.checkout.OrderReserved(ctx, &ordering.OrderReserved{OrderID: orderID, CustomerID: "ada", Total: amount, PaymentToken: card})
	case choice == 1:
		err = h.checkout.OrderCancelled(ctx, &ordering.OrderCancelled{OrderID: orderID, CustomerID: "ada"})
	case s.Status == payment.Authorized:
		err = h.checkout.OrderConfirmed(ctx, &ordering.OrderConfirmed{OrderID: orderID, CustomerID: "ada", Total: amount})
	case s.Status.Moved() && !s.Cancelled:
		back := ordering.Money(money.New(random.Int64N(1+total.Amount/2), "GBP"))
		returnID := fmt.Sprintf("return %d of %s", random.IntN(4), orderID)
		err = h.checkout.ReturnAccepted(ctx, &ordering.ReturnAccepted{ReturnID: returnID, OrderID: orderID, CustomerID: "ada", Amount: back})
	default:
		err = h.payments.Update(ctx, orderID, func(p *payment.Payment) error {
			for _, refund := range p.State().Refunds {
				_ = p.Retry(refund.ID)
			}
			return nil
		})
	}
	require.NoError(t, err)
}

// agrees requires that payments, ledger and provider say the same of every order.
func (h *house) agrees(t *testing.T) {
	t.Helper()
	figures, err := store.Count(t.Context(), h.db)
	require.NoError(t, err)
	statement, err := books.Statement(t.Context(), h.providerDB)
	require.NoError(t, err)
	for _, sum := range figures.Ledger {
		require.Zero(t, sum.Amount, "the ledger is out of balance")
	}
	lines := map[string]books.Line{}
	for _, line := range statement {
		lines[line.PaymentID] = line
	}
	for _, f := range figures.Orders {
		line := lines[f.PaymentID]
		require.False(t, f.InFlight, "%+v", f)
		require.Equal(t, f.Captured, f.LedgerCaptured)
		require.Equal(t, f.Refunded, f.LedgerRefunded)
		require.Equal(t, f.Captured.Amount, line.Captured.Amount, "%+v %+v", f, line)
		require.Equal(t, f.Refunded.Amount, line.Refunded.Amount, "%+v %+v", f, line)
		require.Contains(t, []int64{0, line.Authorized.Amount}, line.Captured.Amount+line.Voided.Amount, "held once, and not for ever")
		delete(lines, f.PaymentID)
	}
	require.Empty(t, lines, "the provider knows of payments that the shop does not")
}
