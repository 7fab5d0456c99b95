package guard_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/guard"
)

var migrations = databasetest.Migrations("CREATE TABLE seats (guest VARCHAR(64) NOT NULL PRIMARY KEY, hall VARCHAR(64) NOT NULL)")

// theatre sells no more than ten seats in a hall: it counts before it sells.
type theatre struct {
	db    *database.DB
	guard *guard.Guard
}

func (h theatre) sell(ctx context.Context, guest, hall string) error {
	return h.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := h.guard.Alone(ctx, "the theatre", hall); err != nil {
			return err
		}
		var sold int64
		if err := tx.Table("seats").Where("hall = ?", hall).Count(&sold).Error; err != nil {
			return err
		}
		if sold >= 10 {
			return errors.New("sold out")
		}
		return tx.Table("seats").Create(map[string]any{"guest": guest, "hall": hall}).Error
	})
}

func TestNobodySellsWhatAnotherIsSelling(t *testing.T) {
	var theatres []theatre
	for _, db := range databasetest.Instances(t, "theatre", migrations) {
		theatres = append(theatres, theatre{db, guard.New(db)})
	}
	var crowd sync.WaitGroup
	for i := range 200 {
		crowd.Go(func() {
			err := theatres[i%len(theatres)].sell(context.Background(), fmt.Sprint("guest ", i), fmt.Sprint("hall ", i%3))
			if err != nil && err.Error() != "sold out" {
				t.Error(err)
			}
		})
	}
	crowd.Wait()

	var sold, names int64
	require.NoError(t, theatres[0].db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return errors.Join(tx.Table("seats").Count(&sold).Error, tx.Table("guards").Count(&names).Error)
	}))
	require.EqualValues(t, 30, sold)
	require.Zero(t, names, "nothing is left behind")
}

func TestAnEndedUnitOfWorkHoldsNothing(t *testing.T) {
	db := databasetest.Open(t, "theatre", migrations)
	h := theatre{db, guard.New(db)}
	failed := errors.New("changed our minds")
	for range 2 {
		err := db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			return errors.Join(h.guard.Alone(ctx, "the theatre", "the theatre"), failed)
		})
		require.ErrorIs(t, err, failed)
	}
	require.NoError(t, h.sell(t.Context(), "ann", "hall"))
	require.True(t, fault.Is(h.guard.Alone(t.Context(), "the theatre"), fault.Internal), "outside there is nothing to end")
}
