package outbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// An operator's command may be at work for an hour, and delivers nothing meanwhile.
func TestWhoHasNoRelayTakesNoDeliveriesOver(t *testing.T) {
	if databasetest.Dialect() == database.SQLite {
		return // a file is one process's own
	}
	places := databasetest.Places(t)
	instance := func() *database.DB {
		db := databasetest.Reopen(t, places, "house", nil)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		return db
	}
	operator := instance()
	command := outbox.New(operator, heardByCat)
	gone := instance()
	deaf, box := newPostBox(), outbox.New(gone, heardByCat)
	deaf.refuse = func(string) error { return errors.New("not at home") }
	first := start(t, box, deaf)
	tell(t, gone, box, opened{"front", 1})
	require.NoError(t, first.Stop(t.Context()))
	require.NoError(t, gone.Close())

	taken := func() bool {
		var n int64 // the last question may be asked when the test has ended
		err := operator.Read(context.WithoutCancel(t.Context()), func(_ context.Context, tx *gorm.DB) error {
			return tx.Table("outbox_deliveries").Where("owner <> ?", gone.Instance()).Count(&n).Error
		})
		return err == nil && n > 0
	}
	require.Never(t, taken, 3*time.Second, 50*time.Millisecond)

	shop := instance()
	relay := start(t, outbox.New(shop, heardByCat), newPostBox())
	since := time.Now()
	eventually(t, atRest(t, command))
	require.Less(t, time.Since(since), 8*time.Second, "it is not left to who looks for strays now and then")
	require.NoError(t, relay.Stop(t.Context()))
}
