package database_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// writer is a caller that adds a note.
func writer(t *testing.T, id string) *database.Caller {
	return caller(t, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&note{ID: id}).Error })
}

func caller(t *testing.T, change func(context.Context, *gorm.DB) error) *database.Caller {
	return &database.Caller{Ctx: t.Context(), Change: change}
}

// thenFails adds a note before it does what fails.
func thenFails(t *testing.T, id string, fail func(tx *gorm.DB) error) *database.Caller {
	return caller(t, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(&note{ID: id}).Error; err != nil {
			return err
		}
		return fail(tx)
	})
}

func TestGroup(t *testing.T) {
	t.Run("a member that fails, panics, exits or left hurts nobody", func(t *testing.T) {
		db, mine := open(t), errors.New("mine")
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		failing := thenFails(t, "failing", func(*gorm.DB) error { return mine })
		panicking := thenFails(t, "panicking", func(*gorm.DB) error { panic("oh") })
		exiting := thenFails(t, "exiting", func(*gorm.DB) error { runtime.Goexit(); return nil })
		left := writer(t, "left")
		left.Ctx = gone
		duplicate, first, last := writer(t, "first"), writer(t, "first"), writer(t, "last")

		database.Together(db, first, failing, panicking, exiting, left, duplicate, last)

		require.Equal(t, []string{"first", "last"}, read(t, db))
		require.NoError(t, errors.Join(first.Err, last.Err))
		require.ErrorIs(t, failing.Err, mine)
		require.Equal(t, "oh", panicking.Panicked)
		require.ErrorIs(t, left.Err, context.Canceled)
		require.ErrorIs(t, duplicate.Err, gorm.ErrDuplicatedKey)
	})

	t.Run("nobody runs twice where nobody fails, and nobody but who fails runs in vain after that", func(t *testing.T) {
		db, runs := open(t), 0
		counted := caller(t, func(_ context.Context, tx *gorm.DB) error {
			runs++
			return tx.Create(&note{ID: fmt.Sprint("run ", runs)}).Error
		})
		failing := func() *database.Caller {
			return thenFails(t, "failing", func(*gorm.DB) error { return errors.New("mine") })
		}
		database.Together(db, counted, writer(t, "a"))
		require.Equal(t, []string{"a", "run 1"}, read(t, db))

		database.Together(db, counted, failing())
		require.Equal(t, []string{"a", "run 1", "run 3"}, read(t, db), "what it did before the failure is undone")

		database.Together(db, counted, failing())
		require.Equal(t, 4, runs, "with a savepoint from the start")
		require.Equal(t, []string{"a", "run 1", "run 3", "run 4"}, read(t, db))
	})

	t.Run("who has a place runs in its order, after all who have none", func(t *testing.T) {
		db := open(t)
		var ran []string
		at := func(place, name string) *database.Caller {
			c := caller(t, func(context.Context, *gorm.DB) error { ran = append(ran, name); return nil })
			if place != "" {
				c.Ctx = database.Placed(t.Context(), place)
			}
			return c
		}
		database.Together(db, at("b", "b"), at("", "first"), at("a", "a"), at("b", "b again"), at("", "second"))
		require.Equal(t, []string{"first", "second", "a", "b", "b again"}, ran)
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Run("64 writers share commits, and every one is counted", func(t *testing.T) {
		db := open(t)
		var wait sync.WaitGroup
		for w := range 64 {
			wait.Go(func() {
				for n := range 8 {
					if err := write(t.Context(), db, fmt.Sprint(w, "-", n), ""); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		require.Len(t, read(t, db), 64*8)
		require.Less(t, measured(t, db, "pangaea_database_group_size"), 64*8/2.0)
	})

	t.Run("32 writers and 32 readers never see a lock", func(t *testing.T) {
		db := open(t)
		require.NoError(t, write(t.Context(), db, "first", ""))
		var wait sync.WaitGroup
		var writing atomic.Int32
		for w := range 32 {
			writing.Add(1)
			wait.Go(func() {
				defer writing.Add(-1)
				for n := range 40 {
					if err := write(t.Context(), db, fmt.Sprint(w, "-", n), ""); err != nil {
						t.Error(err)
					}
				}
			})
			wait.Go(func() {
				for writing.Load() > 0 {
					var got note
					if err := db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
						return tx.Take(&got, "id = ?", "first").Error
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
	})
}

// measured is what a counter of the database says, or how often a histogram was fed.
func measured(t *testing.T, db *database.DB, name string) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(db)
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return 0
}
