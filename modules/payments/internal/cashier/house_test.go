package cashier_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	paymentssql "github.com/pangaea-shop/pangaea/migrations/payments"
	paymentsprovidersql "github.com/pangaea-shop/pangaea/migrations/payments_provider"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/cashier"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/payments/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A house is payments and the provider, each with a database and tasks of its own, as they run in a
// shop; between them stands whatever a test puts there.
type house struct {
	db, providerDB *database.DB
	queue, unasked *tasks.Queue
	payments       *store.Payments
	provider       *simulator.Provider
	cashier        *cashier.Cashier
	checkout       *checkout.Checkout
}

const (
	lateAfter = 30 * time.Millisecond
	timeout   = 100 * time.Millisecond // a call that is answered has to be done by then, also on a slow disk
)

// open starts a house whose tasks may fail as often as attempts says. between may be nil.
func open(t *testing.T, attempts int, between func(*house) (cashier.Payments, cashier.Provider)) *house {
	t.Helper()
	h := &house{
		db:         databasetest.Open(t, "payments", paymentssql.Files),
		providerDB: databasetest.Open(t, "payments-provider", paymentsprovidersql.Files),
	}
	quick := tasks.Policy{Attempts: attempts, First: time.Millisecond, Longest: 5 * time.Millisecond, AtOnce: 16}
	h.queue, h.unasked = tasks.New(h.db).With(quick), tasks.New(h.providerDB).With(quick)
	h.payments = store.NewPayments(h.db, outbox.New(h.db, nil), h.queue)
	h.provider = simulator.New(books.NewBooks(h.providerDB, h.unasked), simulator.Settings{LateAfter: lateAfter})
	h.checkout = checkout.New(h.payments)

	var kept cashier.Payments = impatient{h.payments}
	var asked cashier.Provider = h.provider
	if between != nil {
		kept, asked = between(h)
	}
	h.cashier = cashier.New(kept, asked, cashier.Settings{Timeout: timeout})
	for _, call := range []payment.Call{payment.Authorize, payment.Capture, payment.Void, payment.PayBack} {
		h.queue.Handle(string(call), h.cashier.Ask)
	}
	h.unasked.Handle(books.CallBack, h.provider.CallBack)
	h.provider.Tell(h.cashier.Hear)
	for _, queue := range []*tasks.Queue{h.queue, h.unasked} {
		require.NoError(t, queue.Start(t.Context()))
		t.Cleanup(func() { require.NoError(t, queue.Stop(context.Background())) })
	}
	return h
}

// rests waits until nothing is left to do.
func (h *house) rests(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		ours, err := h.queue.Pending(t.Context())
		require.NoError(t, err)
		theirs, err := h.unasked.Pending(t.Context())
		require.NoError(t, err)
		return ours+theirs == 0
	}, time.Minute, 5*time.Millisecond)
	parked, err := h.queue.Parked(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, parked)
}

// parks waits until a task is given up, with an error that names something.
func (h *house) parks(t *testing.T, named string) {
	t.Helper()
	require.Eventually(t, func() bool {
		parked, err := h.queue.Parked(t.Context(), 10)
		require.NoError(t, err)
		return len(parked) == 1 && strings.Contains(parked[0].Error, named)
	}, 30*time.Second, 5*time.Millisecond)
}

// of returns the payment of an order.
func (h *house) of(t *testing.T, orderID string) payment.State {
	t.Helper()
	found, err := h.payments.List(t.Context(), store.Query{OrderID: orderID, Limit: 1})
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// impatient payments ask again soon.
type impatient struct{ *store.Payments }

func (p impatient) AskAgain(ctx context.Context, i payment.Inquiry, _ time.Duration) error {
	return p.Payments.AskAgain(ctx, i, time.Millisecond)
}

// luck decides what goes wrong, the same way for the same seed as far as goroutines allow.
type luck struct {
	mu     sync.Mutex
	random *rand.Rand
}

func (l *luck) outOf(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.random.IntN(n) == 0
}

var errCrash = errors.New("the process dies here")

// crashing payments die before or after they record what the provider said.
type crashing struct {
	impatient
	luck *luck
}

func (p crashing) UpdatePayment(ctx context.Context, id string, change func(*payment.Payment) error) error {
	if p.luck.outOf(3) {
		return errCrash
	}
	err := p.impatient.UpdatePayment(ctx, id, change)
	if err == nil && p.luck.outOf(5) {
		return errCrash
	}
	return err
}

// A lossy provider cannot be reached now and then, and now and then its answer is lost.
type lossy struct {
	provider *simulator.Provider
	luck     *luck
}

func (l lossy) lose(answer payment.Answer, err error) (payment.Answer, error) {
	if err == nil && l.luck.outOf(5) {
		return payment.Answer{}, fault.New(fault.Unknown, "the line went dead")
	}
	return answer, err
}

func (l lossy) call(do func() (payment.Answer, error)) (payment.Answer, error) {
	if l.luck.outOf(5) {
		return payment.Answer{}, fault.New(fault.Unavailable, "the line is dead")
	}
	return l.lose(do())
}

func (l lossy) Authorize(ctx context.Context, r payment.Request, card string) (payment.Answer, error) {
	return l.call(func() (payment.Answer, error) { return l.provider.Authorize(ctx, r, card) })
}

func (l lossy) Capture(ctx context.Context, r payment.Request) (payment.Answer, error) {
	return l.call(func() (payment.Answer, error) { return l.provider.Capture(ctx, r) })
}

func (l lossy) Void(ctx context.Context, r payment.Request) (payment.Answer, error) {
	return l.call(func() (payment.Answer, error) { return l.provider.Void(ctx, r) })
}

func (l lossy) Refund(ctx context.Context, r payment.Request) (payment.Answer, error) {
	return l.call(func() (payment.Answer, error) { return l.provider.Refund(ctx, r) })
}
