package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	paymentssql "github.com/pangaea-shop/pangaea/migrations/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

var price = money.New(1999, "GBP")

// ears hear what is announced.
type ears struct {
	mu    sync.Mutex
	heard []string
}

func (e *ears) Publish(_ string, messages ...*message.Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, m := range messages {
		e.heard = append(e.heard, m.Metadata[envelope.Type])
	}
	return nil
}

func (e *ears) Close() error { return nil }

func (e *ears) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string{}, e.heard...)
}

func open(t *testing.T) (*store.Payments, *database.DB, *ears) {
	t.Helper()
	db := databasetest.Open(t, "payments", paymentssql.Files)
	manifest := outbox.Manifest{}
	manifest.Hear("ordering", "payments.PaymentAuthorized", "payments.PaymentCaptured", "payments.PaymentRefunded", "payments.PaymentVoided")
	box, listener := outbox.New(db, manifest), &ears{}
	relay := outbox.NewRelay(box, listener, outbox.RelayOptions{Poll: 10 * time.Millisecond})
	require.NoError(t, relay.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, relay.Stop(context.Background())) })
	return store.NewPayments(db, box, tasks.New(db)), db, listener
}

func answer(p *payment.Payment, r payment.Request) payment.Answer {
	return payment.Answer{Call: r.Call, Key: r.Key, PaymentID: p.State().ID, Accepted: true, Amount: r.Amount, Reference: uuid.NewString()}
}

// agree lets the provider agree to whatever was asked last.
func agree(t *testing.T, payments *store.Payments, last *payment.Request) {
	t.Helper()
	require.NoError(t, payments.UpdatePayment(t.Context(), last.PaymentID, func(p *payment.Payment) error {
		p.Hear(answer(p, *last))
		return nil
	}))
}

func TestWhatIsSavedIsLoadedAndAnnounced(t *testing.T) {
	payments, db, listener := open(t)
	var asked payment.Request
	steps := []func(p *payment.Payment) error{
		func(p *payment.Payment) error { return p.Authorize("ada", price, "tok") },
		nil,
		func(p *payment.Payment) error { return p.Capture(price) },
		nil,
		func(p *payment.Payment) error { return p.Return("r1", money.New(500, "GBP")) },
		nil,
		func(p *payment.Payment) error { p.GiveUp("ada"); return nil },
		nil,
	}
	for i, step := range steps {
		if step == nil {
			agree(t, payments, &asked)
			wanted, _, err := payments.Wants(t.Context(), asked)
			require.NoError(t, err)
			require.False(t, wanted, "it was answered")
			continue
		}
		var saved payment.State
		require.NoError(t, payments.Update(t.Context(), "order", func(p *payment.Payment) error {
			err := step(p)
			saved, asked = p.State(), p.Changes().Requests[0]
			return err
		}), i)
		loaded, err := payments.Find(t.Context(), saved.ID)
		require.NoError(t, err)
		require.Equal(t, rounded(saved), loaded)
		wanted, card, err := payments.Wants(t.Context(), asked)
		require.NoError(t, err)
		require.True(t, wanted, "it was asked for just now")
		require.Equal(t, saved.CardToken, card)
	}

	require.Eventually(t, func() bool { return len(listener.all()) == 4 }, 30*time.Second, 5*time.Millisecond)
	require.Equal(t, []string{
		"payments.PaymentAuthorized", "payments.PaymentCaptured", "payments.PaymentRefunded", "payments.PaymentRefunded",
	}, listener.all())

	figures, err := store.Count(t.Context(), db)
	require.NoError(t, err)
	require.Equal(t, []money.Money{money.New(0, "GBP")}, figures.Ledger)
	require.Len(t, figures.Orders, 1)
	require.Equal(t, store.OrderFigure{
		OrderID: "order", PaymentID: asked.PaymentID, Status: payment.Refunded,
		Captured: price, Refunded: price, LedgerCaptured: price, LedgerRefunded: price,
	}, figures.Orders[0])
}

// rounded is a state with the precision of the database.
func rounded(s payment.State) payment.State {
	s.OpenedAt, s.ChangedAt = s.OpenedAt.Truncate(time.Microsecond), s.ChangedAt.Truncate(time.Microsecond)
	for i := range s.Refunds {
		s.Refunds[i].CreatedAt = s.Refunds[i].CreatedAt.Truncate(time.Microsecond)
	}
	return s
}

func TestWhatFailsLeavesNothing(t *testing.T) {
	payments, db, _ := open(t)
	refusal := fault.New(fault.Conflict, "no")
	err := payments.Update(t.Context(), "order", func(p *payment.Payment) error {
		require.NoError(t, p.Authorize("ada", price, "tok"))
		return refusal
	})
	require.ErrorIs(t, err, refusal)
	figures, err := store.Count(t.Context(), db)
	require.NoError(t, err)
	require.Empty(t, figures.Orders)
	pending, err := tasks.New(db).Pending(t.Context())
	require.NoError(t, err)
	require.Zero(t, pending)
}

func TestAnAlarmIsKeptAndCounted(t *testing.T) {
	payments, db, _ := open(t)
	authorize := func(total money.Money) func(*payment.Payment) error {
		return func(p *payment.Payment) error { return p.Authorize("ada", total, "tok") }
	}
	require.NoError(t, payments.Update(t.Context(), "order", authorize(price)))
	for range 2 {
		require.NoError(t, payments.Update(t.Context(), "order", authorize(money.New(1, "GBP"))))
	}
	figures, err := store.Count(t.Context(), db)
	require.NoError(t, err)
	require.EqualValues(t, 1, figures.Alarms, "the same again is no news")
	registry := prometheus.NewRegistry()
	require.NoError(t, registry.Register(payments.Alarms()))
	metrics, err := registry.Gather()
	require.NoError(t, err)
	require.EqualValues(t, 2, metrics[0].GetMetric()[0].GetCounter().GetValue())
}

// The schema holds what the rules promise, whoever writes.
func TestTheSchemaRefusesWhatMustNotBe(t *testing.T) {
	payments, db, _ := open(t)
	require.NoError(t, payments.Update(t.Context(), "order", func(p *payment.Payment) error { return p.Authorize("ada", price, "tok") }))
	for _, statement := range []string{
		"UPDATE payments SET captured = 1",
		"UPDATE payments SET refunded = 1",
		"UPDATE payments SET status = 'paid'",
		"UPDATE payments SET status = 'authorized'", // and keep the card's token
		"INSERT INTO ledger_postings VALUES ('captured', 'nothing', 1, 'sales', 'GBP', 5)",
		"INSERT INTO ledger_transactions VALUES ('captured', 'p', 'unknown payment', 0)",
	} {
		err := db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Exec(statement).Error })
		require.Error(t, err, statement)
	}
}
