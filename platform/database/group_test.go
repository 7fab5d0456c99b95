package database_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
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

	t.Run("a lost transaction runs again, one member at a time", func(t *testing.T) {
		db, runs, told := open(t), 0, []string{}
		spoiler := caller(t, func(ctx context.Context, tx *gorm.DB) error {
			database.AfterCommit(ctx, func() { told = append(told, fmt.Sprint("run ", runs)) })
			if runs++; runs <= 2 { // also with savepoints
				tx.Exec("ROLLBACK") // what SQLite itself does after some errors
				err := tx.Create(&note{ID: "never"}).Error
				require.ErrorContains(t, err, "transaction lost")
			}
			return nil // as if it had not noticed
		})
		before, after := writer(t, "before"), writer(t, "after")

		database.Together(db, before, spoiler, after)

		require.NoError(t, errors.Join(before.Err, spoiler.Err, after.Err))
		require.Equal(t, []string{"after", "before"}, read(t, db))
		require.Equal(t, []string{"run 3"}, told)
		require.InDelta(t, 3, measured(t, db, "pangaea_database_reruns_total"), 0)
	})

	t.Run("who loses the transaction even alone is told", func(t *testing.T) {
		db := open(t)
		spoiler := thenFails(t, "never", func(tx *gorm.DB) error { tx.Exec("ROLLBACK"); return nil })
		other := writer(t, "other")
		database.Together(db, spoiler, other)
		require.True(t, fault.Is(spoiler.Err, fault.Unavailable), "%v", spoiler.Err)
		require.NoError(t, other.Err)
		require.Equal(t, []string{"other"}, read(t, db))
	})

	t.Run("a violation that shows at the commit is its member's alone", func(t *testing.T) {
		db := databasetest.Open(t, "diary", fstest.MapFS{"sqlite/0001_init.up.sql": {Data: []byte(`
			CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT;
			CREATE TABLE marks (note TEXT NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED) STRICT;`)}})
		orphan := thenFails(t, "a", func(tx *gorm.DB) error {
			return tx.Table("marks").Create(map[string]any{"note": "nowhere"}).Error
		})
		other := writer(t, "b")
		database.Together(db, orphan, other)
		require.ErrorContains(t, orphan.Err, "FOREIGN KEY")
		require.NoError(t, other.Err)
		require.Equal(t, []string{"b"}, read(t, db))
	})

	t.Run("a full disk is told as such, and heals", func(t *testing.T) {
		db := open(t)
		limit(t, db, "10")
		huge := caller(t, func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&note{ID: "huge", Text: strings.Repeat("x", 1<<20)}).Error
		})
		database.Together(db, writer(t, "a"), huge)
		require.True(t, fault.Is(huge.Err, fault.Unavailable), "%v", huge.Err)
		require.ErrorContains(t, huge.Err, "disk of the database of diary is full")
		limit(t, db, "1000000")
		database.Together(db, huge)
		require.NoError(t, huge.Err)
	})
}

// limit makes the disk as small as that many pages.
func limit(t *testing.T, db *database.DB, pages string) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("PRAGMA max_page_count = " + pages).Error
	}))
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
