package notice_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	notificationssql "github.com/pangaea-shop/pangaea/migrations/notifications"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/store"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// An office is notifications in one process, with tasks that nobody does.
type office struct {
	db     *database.DB
	rows   *store.Notices
	writer *notice.Writer
}

func openOffices(t *testing.T) (all []office) {
	t.Helper()
	for _, db := range databasetest.Instances(t, "notifications", notificationssql.Files) {
		o, bag := office{db: db, rows: store.NewNotices(db)}, tasks.New(db)
		o.writer = notice.NewWriter(o.rows, notice.NewPost(o.rows, bag, &desk{}, time.Now), bag, time.Now)
		all = append(all, o)
	}
	return all
}

// hear hears an event as an inbox does: within a unit of work.
func hear[E any](o office, listen func(context.Context, *E) error, e E) error {
	return o.db.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error { return listen(ctx, &e) })
}

func TestNothingWaitsForSomebodyWhoIsThere(t *testing.T) {
	all := openOffices(t)
	const customers, orders = 30, 6
	customer := func(i int) string { return fmt.Sprint("ada ", i/(orders+1)) }
	var events errgroup.Group
	for i := range customers * (orders + 1) {
		o := all[i%len(all)]
		events.Go(func() error {
			if i%(orders+1) == orders/2 {
				return hear(o, o.writer.AccountRegistered, identity.AccountRegistered{AccountID: customer(i), Email: "ada@example.org", Name: "Ada"})
			}
			return hear(o, o.writer.OrderPaid, ordering.OrderPaid{OrderID: fmt.Sprint("order ", i), CustomerID: customer(i)})
		})
	}
	require.NoError(t, events.Wait())

	for i := range customers {
		list, err := all[0].rows.List(t.Context(), store.Filter{CustomerID: fmt.Sprint("ada ", i)}, "", 100)
		require.NoError(t, err)
		require.Len(t, list, orders)
		for _, n := range list {
			require.Equal(t, notice.Queued, n.Delivery)
		}
	}
	var letters int64
	require.NoError(t, all[0].db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("tasks").Where("kind = ?", notice.TaskEmail).Count(&letters).Error
	}))
	require.EqualValues(t, customers*orders, letters, "each is sent")
}

func TestWhatIsWrittenWhileSomebodyLeavesIsErasedToo(t *testing.T) {
	all := openOffices(t)
	for round := range 5 {
		ada := fmt.Sprint("ada ", round)
		require.NoError(t, hear(all[0], all[0].writer.AccountRegistered, identity.AccountRegistered{AccountID: ada, Email: "ada@example.org", Name: "Ada"}))
		var events errgroup.Group
		for i := range 20 {
			o := all[i%len(all)]
			events.Go(func() error {
				if i == 10 {
					return hear(o, o.writer.AccountClosed, identity.AccountClosed{AccountID: ada})
				}
				return hear(o, o.writer.OrderPaid, ordering.OrderPaid{OrderID: fmt.Sprint("order ", i, " of ", round), CustomerID: ada})
			})
		}
		require.NoError(t, events.Wait())

		require.NoError(t, all[0].writer.Erase(t.Context(), tasks.Task{Kind: notice.TaskErase, Key: ada}), "a minute later")
		list, err := all[0].rows.List(t.Context(), store.Filter{CustomerID: ada}, "", 100)
		require.NoError(t, err)
		require.Len(t, list, 19)
		for _, n := range list {
			require.NotContains(t, n.Body, "Ada")
			require.Equal(t, notice.Kept, n.Delivery)
		}
	}
}
