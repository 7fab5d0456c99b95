package notice_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	notificationssql "github.com/pangaea-shop/pangaea/migrations/notifications"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/store"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A desk is the writer and its post on a real database, with the tasks and the letters in sight.
type desk struct {
	t       *testing.T
	writer  *notice.Writer
	post    *notice.Post
	rows    *store.Notices
	queued  []string // ids of the letters that wait
	erasing []string // ids of the accounts that are to be erased once more
	letters []notice.Letter
	failure error // of the mail server
}

func newDesk(t *testing.T, mails bool) *desk {
	t.Helper()
	d := &desk{t: t, rows: store.NewNotices(databasetest.Open(t, "notifications", notificationssql.Files))}
	now := func() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }
	var mailer notice.Mailer
	if mails {
		mailer = d
	}
	d.post = notice.NewPost(d.rows, d, mailer, now)
	d.writer = notice.NewWriter(d.rows, d.post, d, now)
	return d
}

func (d *desk) Send(_ context.Context, l notice.Letter) error {
	if d.failure == nil {
		d.letters = append(d.letters, l)
	}
	return d.failure
}

func (d *desk) Add(_ context.Context, kind, key string, _ any, _ time.Time) error {
	if kind == notice.TaskErase {
		d.erasing = append(d.erasing, key)
		return nil
	}
	d.queued = append(d.queued, key)
	return nil
}

func (d *desk) Cancel(_ context.Context, _, key string) error {
	for i, id := range d.queued {
		if id == key {
			d.queued = append(d.queued[:i], d.queued[i+1:]...)
			return nil
		}
	}
	return nil
}

// deliver does the tasks that wait; those that fail wait again.
func (d *desk) deliver() {
	d.t.Helper()
	waiting := d.queued
	d.queued = nil
	for _, id := range waiting {
		if err := d.post.Deliver(d.t.Context(), tasks.Task{Kind: notice.TaskEmail, Key: id}); err != nil {
			d.queued = append(d.queued, id)
		}
	}
}

func (d *desk) inbox(customer string) []notice.Notice {
	d.t.Helper()
	list, err := d.rows.List(d.t.Context(), store.Filter{CustomerID: customer}, "", 100)
	require.NoError(d.t, err)
	return list
}

func (d *desk) register(id string) {
	d.t.Helper()
	require.NoError(d.t, d.writer.AccountRegistered(d.t.Context(), &identity.AccountRegistered{AccountID: id, Email: id + "@example.org", Name: "Ada"}))
}

func (d *desk) confirm(customer, order string) {
	d.t.Helper()
	require.NoError(d.t, d.writer.OrderConfirmed(d.t.Context(), &ordering.OrderConfirmed{
		OrderID: order, CustomerID: customer, Total: ordering.Money{Amount: 1999, Currency: "GBP"},
	}))
}

func TestEveryEventIsToldOnceHoweverOftenItIsHeard(t *testing.T) {
	d := newDesk(t, true)
	d.register("ada")
	ctx, w := t.Context(), d.writer
	gbp := payments.Money{Amount: 500, Currency: "GBP"}
	for range 2 {
		d.confirm("ada", "o1")
		require.NoError(t, w.OrderPaid(ctx, &ordering.OrderPaid{OrderID: "o1", CustomerID: "ada"}))
		require.NoError(t, w.OrderCancelled(ctx, &ordering.OrderCancelled{OrderID: "o2", CustomerID: "ada", Reason: ordering.TimedOut}))
		require.NoError(t, w.OrderCompleted(ctx, &ordering.OrderCompleted{OrderID: "o1", CustomerID: "ada"}))
		require.NoError(t, w.CancellationRefused(ctx, &ordering.CancellationRefused{OrderID: "o1", CustomerID: "ada"}))
		require.NoError(t, w.ShipmentDispatched(ctx, &shipping.ShipmentDispatched{ShipmentID: "s1", OrderID: "o1", CustomerID: "ada", TrackingNumber: "PG1"}))
		require.NoError(t, w.PaymentRefunded(ctx, &payments.PaymentRefunded{OrderID: "o2", PaymentID: "p2", CustomerID: "ada", Amount: gbp}))
		require.NoError(t, w.PaymentRefunded(ctx, &payments.PaymentRefunded{OrderID: "o1", PaymentID: "p1", ReturnID: "r1", CustomerID: "ada", Amount: gbp}))
		require.NoError(t, w.PaymentRefunded(ctx, &payments.PaymentRefunded{OrderID: "o1", PaymentID: "p1", ReturnID: "r2", CustomerID: "ada", Amount: gbp}))
		require.NoError(t, w.PaymentRefundFailed(ctx, &payments.PaymentRefundFailed{OrderID: "o1", PaymentID: "p1", ReturnID: "r1", CustomerID: "ada", Amount: gbp}))
	}

	inbox := d.inbox("ada")
	require.Len(t, inbox, 10)
	require.Len(t, d.queued, 10)
	require.Contains(t, inbox[9].Body, "19.99 GBP")
	require.Contains(t, inbox[3].Body, "5.00 GBP for your cancelled order o2")
	require.Contains(t, inbox[2].Body, "the goods you returned")

	d.deliver()
	require.Len(t, d.letters, 10)
	for _, n := range d.inbox("ada") {
		require.Equal(t, notice.Sent, n.Delivery)
	}
}

func TestALetterThatWasNotTakenIsSentAgainAndIsTheSame(t *testing.T) {
	d := newDesk(t, true)
	d.register("ada")
	d.confirm("ada", "o1")
	id := d.inbox("ada")[0].ID

	d.failure = errors.New("the mail server is away")
	d.deliver()
	require.Equal(t, []string{id}, d.queued)
	require.Equal(t, notice.Queued, d.inbox("ada")[0].Delivery)
	d.failure = nil
	d.deliver()
	d.queued = []string{id} // the process died before it noted that the task was done
	d.deliver()

	require.Len(t, d.letters, 1, "noted as sent")
	require.Equal(t, id, d.letters[0].ID)
	require.Equal(t, "ada@example.org", d.letters[0].To.Email)
}

func TestWithoutAMailServerNoticesAreKept(t *testing.T) {
	d := newDesk(t, false)
	d.register("ada")
	d.confirm("ada", "o1")
	d.confirm("bob", "o2")
	d.register("bob")
	for _, customer := range []string{"ada", "bob"} {
		require.Equal(t, notice.Kept, d.inbox(customer)[0].Delivery)
	}
	require.Empty(t, d.queued)
}

func TestWhoTakesTheMailServerAwayKeepsWhatIsQueued(t *testing.T) {
	d := newDesk(t, true)
	d.register("ada")
	d.confirm("ada", "o1")
	d.post = notice.NewPost(d.rows, d, nil, time.Now)
	d.deliver()
	require.Equal(t, notice.Kept, d.inbox("ada")[0].Delivery)
}

func TestAGuestIsNotWrittenTo(t *testing.T) {
	d := newDesk(t, true)
	d.confirm(identity.Guest, "o1")
	require.Equal(t, notice.Kept, d.inbox(identity.Guest)[0].Delivery)
	require.Equal(t, "o1", d.inbox(identity.Guest)[0].OrderID)
	require.Empty(t, d.queued)
}

func TestAnOrderMayBeFasterThanTheNewsOfItsCustomer(t *testing.T) {
	d := newDesk(t, true)
	d.confirm("ada", "o1")
	require.Equal(t, notice.Waiting, d.inbox("ada")[0].Delivery)

	d.register("ada")

	d.deliver()
	require.Len(t, d.letters, 1)
	require.Equal(t, notice.Sent, d.inbox("ada")[0].Delivery)
}

func TestWhoLeavesIsForgottenAndNotWrittenToAnyMore(t *testing.T) {
	d := newDesk(t, true)
	d.register("ada")
	d.confirm("ada", "o1")
	unsent := d.queued[0]

	for range 2 {
		require.NoError(t, d.writer.AccountClosed(t.Context(), &identity.AccountClosed{AccountID: "ada"}))
	}

	require.Empty(t, d.queued)
	require.Contains(t, d.erasing, "ada", "once more, when nobody can be writing to them")
	require.NoError(t, d.writer.Erase(t.Context(), tasks.Task{Kind: notice.TaskErase, Key: "ada"}))
	require.NotContains(t, d.inbox("ada")[0].Body, "Ada")
	require.NoError(t, d.post.Deliver(t.Context(), tasks.Task{Key: unsent}), "a task that was already being done")
	d.confirm("ada", "o2")
	require.Equal(t, notice.Kept, d.inbox("ada")[0].Delivery)
	require.Empty(t, d.letters)
}
