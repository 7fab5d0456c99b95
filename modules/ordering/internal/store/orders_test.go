package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	orderingsql "github.com/pangaea-shop/pangaea/migrations/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

var noon = time.Date(2026, 2, 28, 12, 0, 0, 123456789, time.UTC)

func TestAnOrderComesBackAsItWasPlaced(t *testing.T) {
	orders, db := open(t)
	d := draft("ada")
	d.Reference, d.Content = "536365", "fingerprint"
	d.Adjustments = []order.Adjustment{{Kind: order.Fee, Code: "POST", Description: "by post", Amount: money.New(350, "GBP")}}
	o := place(t, orders, d)

	found, err := orders.Find(t.Context(), o.State().ID, store.Of("ada"))

	require.NoError(t, err)
	require.Equal(t, o.State(), found)
	require.Equal(t, []string{"ordering.OrderPlaced"}, announced(t, db))
	require.Equal(t, []string{o.State().ID}, deadlines(t, db))
}

func TestAChangeIsSavedWithItsEvents(t *testing.T) {
	orders, db := open(t)
	id := place(t, orders, draft("ada")).State().ID
	var changed order.State

	require.NoError(t, orders.Update(t.Context(), id, func(o *order.Order) error {
		require.Empty(t, o.State().Lines, "lines are not needed")
		err := o.Reserve(noon)
		changed = o.State()
		return err
	}))

	found, err := orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	require.Len(t, found.History, 2)
	require.Equal(t, order.Entry{Number: 2, Status: order.Reserved, At: noon.Truncate(time.Microsecond), Note: "the goods are set aside for you"}, found.History[1])
	found.Lines, found.History = nil, nil
	require.Equal(t, changed, found)
	require.Equal(t, []string{"ordering.OrderPlaced", "ordering.OrderReserved"}, announced(t, db))
}

func TestAChangeThatFailsLeavesNothing(t *testing.T) {
	orders, db := open(t)
	id := place(t, orders, draft("ada")).State().ID
	boom := errors.New("boom")

	err := orders.Update(t.Context(), id, func(o *order.Order) error {
		require.NoError(t, o.Reserve(noon))
		return boom
	})

	require.ErrorIs(t, err, boom)
	found, err := orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	require.Equal(t, order.Placed, found.Status)
	require.Equal(t, []string{"ordering.OrderPlaced"}, announced(t, db))
}

func TestTheDeadlineGoesWhenTheOrderIsPaidOrGivenUp(t *testing.T) {
	orders, db := open(t)
	paid, given := place(t, orders, draft("ada")).State().ID, place(t, orders, draft("ada")).State().ID

	update(t, orders, paid, at((*order.Order).Reserve), at((*order.Order).Confirm))
	require.Len(t, deadlines(t, db), 2)
	require.NoError(t, orders.UpdateWithLines(t.Context(), paid, at((*order.Order).MarkPaid)))
	update(t, orders, given, at((*order.Order).RequestCancellation))

	require.Empty(t, deadlines(t, db))
}

func TestTheSameReferenceGivesTheSameOrder(t *testing.T) {
	orders, db := open(t)
	d := draft("guest")
	d.Reference, d.Content = "536365", "mugs"
	first := place(t, orders, d).State()

	again, err := order.Place(d, noon)
	require.NoError(t, err)
	state, err := orders.Add(t.Context(), again)
	require.NoError(t, err)
	require.Equal(t, first.ID, state.ID)
	found, there, err := orders.ByReference(t.Context(), "536365")
	require.NoError(t, err)
	require.True(t, there)
	require.Equal(t, first.ID, found.ID)

	d.Content = "plates"
	other, err := order.Place(d, noon)
	require.NoError(t, err)
	_, err = orders.Add(t.Context(), other)
	problem, _ := fault.As(err)
	require.NotNil(t, problem, "%v", err)
	require.Equal(t, "reference-taken", problem.Code)
	require.Equal(t, []string{"ordering.OrderPlaced"}, announced(t, db))
	_, there, err = orders.ByReference(t.Context(), "536366")
	require.NoError(t, err)
	require.False(t, there)
}

func TestWhatIsOutOfReachIsNotThere(t *testing.T) {
	orders, _ := open(t)
	id := place(t, orders, draft("ada")).State().ID
	for name, reach := range map[string]store.Reach{"another": store.Of("bob"), "nobody": store.Of(""), "zero": {}} {
		_, err := orders.Find(t.Context(), id, reach)
		require.Equal(t, store.Missing(), err, name)
		_, err = orders.HistoryAfter(t.Context(), id, reach, 0)
		require.Equal(t, store.Missing(), err, name)
		listed, err := orders.List(t.Context(), store.Filter{Reach: reach}, "", 10)
		require.NoError(t, err)
		require.Empty(t, listed, name)
		require.Equal(t, store.Missing(), orders.Visible(t.Context(), id, reach), name)
	}
	require.NoError(t, orders.Visible(t.Context(), id, store.Of("ada")))
	require.Equal(t, store.Missing(), orders.Update(t.Context(), "missing", nil))
}

func TestOrdersAreListedLatestFirstPageByPage(t *testing.T) {
	orders, _ := open(t)
	var ids []string
	for range 5 {
		ids = append([]string{place(t, orders, draft("ada")).State().ID}, ids...)
		place(t, orders, draft("bob"))
	}
	update(t, orders, ids[4], at((*order.Order).Reserve))

	var listed []string
	for after := ""; ; {
		page, err := orders.List(t.Context(), store.Filter{Reach: store.Of("ada")}, after, 2)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, s := range page {
			listed = append(listed, s.ID)
		}
		after = page[len(page)-1].ID
	}
	require.Equal(t, ids, listed)

	reserved, err := orders.List(t.Context(), store.Filter{Reach: store.Everybody, Status: "reserved"}, "", 10)
	require.NoError(t, err)
	require.Len(t, reserved, 1)
}

func TestAnOrderOfManyLines(t *testing.T) {
	orders, _ := open(t)
	d := draft("ada")
	for i := range 1999 {
		d.Items = append(d.Items, order.Item{SKU: fmt.Sprintf("S%d", i), Quantity: 1, UnitPrice: money.New(1, "GBP")})
	}
	o := place(t, orders, d)
	found, err := orders.Find(t.Context(), o.State().ID, store.Everybody)
	require.NoError(t, err)
	require.Equal(t, o.State().Lines, found.Lines)
}

func TestEachSeesEveryOrder(t *testing.T) {
	orders, db := open(t)
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
		for range 1100 {
			o, err := order.Place(draft("ada"), noon)
			if err != nil {
				return err
			}
			if _, err := orders.Add(ctx, o); err != nil {
				return err
			}
		}
		return nil
	}))
	seen, last := 0, ""
	require.NoError(t, store.Each(t.Context(), db, func(s order.State, ordered, returned int64) {
		require.Greater(t, s.ID, last)
		require.Positive(t, ordered)
		require.Zero(t, returned)
		seen, last = seen+1, s.ID
	}))
	require.Equal(t, 1100, seen)
}

func open(t testing.TB) (*store.Orders, *database.DB) {
	t.Helper()
	db := databasetest.Open(t, "ordering", orderingsql.Files)
	return store.NewOrders(db, outbox.New(db, outbox.Manifest{}), tasks.New(db)), db
}

func place(t testing.TB, orders *store.Orders, d order.Draft) *order.Order {
	t.Helper()
	o, err := order.Place(d, noon)
	require.NoError(t, err)
	_, err = orders.Add(t.Context(), o)
	require.NoError(t, err)
	return o
}

func update(t testing.TB, orders *store.Orders, id string, changes ...func(*order.Order) error) {
	t.Helper()
	for _, change := range changes {
		require.NoError(t, orders.Update(t.Context(), id, change))
	}
}

func at(news func(*order.Order, time.Time) error) func(*order.Order) error {
	return func(o *order.Order) error { return news(o, noon) }
}

func draft(customer string) order.Draft {
	return order.Draft{
		CustomerID: customer, PaymentToken: "tok_approve", Deadline: 30 * time.Second,
		Items:   []order.Item{{SKU: "MUG", Name: "Mug", Quantity: 2, UnitPrice: money.New(1999, "GBP")}},
		Address: ordering.Address{Name: "Ada", Line1: "1 Main Street", City: "London", PostalCode: "N1", Country: "GB"},
	}
}

// announced are the names of the events that were told, in their order.
func announced(t testing.TB, db *database.DB) []string {
	t.Helper()
	return column(t, db, "outbox_events", "name", "id")
}

// deadlines are the ids of the orders that have one.
func deadlines(t testing.TB, db *database.DB) []string {
	t.Helper()
	return column(t, db, "tasks", "task_key", "task_key")
}

func column(t testing.TB, db *database.DB, table, name, by string) (values []string) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table(table).Order(by).Pluck(name, &values).Error
	}))
	return values
}
