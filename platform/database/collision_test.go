package database_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
)

func TestADeadlockThatAMemberKeepsToItselfLosesNothing(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		one, other := instance(t, places), instance(t, places)
		require.NoError(t, errors.Join(write(t.Context(), one, "a", ""), write(t.Context(), one, "b", "")))
		var met sync.WaitGroup
		met.Add(2)
		careless := func(db *database.DB, id, first, second string) error {
			meet := sync.OnceFunc(func() { met.Done(); met.Wait() }) // in the first run: later ones are alone
			return db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				if err := tx.Create(&note{ID: id}).Error; err != nil {
					return err
				}
				locked := tx.Clauses(clause.Locking{Strength: "UPDATE"})
				if err := locked.Session(&gorm.Session{}).Take(&note{}, "id = ?", first).Error; err != nil {
					return err
				}
				meet()
				_ = locked.Session(&gorm.Session{}).Take(&note{}, "id = ?", second).Error
				return nil
			})
		}
		var both sync.WaitGroup
		var failed [2]error
		both.Go(func() { failed[0] = careless(one, "one", "a", "b") })
		both.Go(func() { failed[1] = careless(other, "other", "b", "a") })
		both.Wait()

		require.NoError(t, errors.Join(failed[:]...))
		require.ElementsMatch(t, []string{"a", "b", "one", "other"}, read(t, one), "what was acknowledged is there")
	})
}
