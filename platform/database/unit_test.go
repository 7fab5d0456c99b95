package database_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A note is what these tests write.
type note struct {
	ID   string `gorm:"column:id;primaryKey"`
	Text string `gorm:"column:text"`
}

func (note) TableName() string { return "notes" }

func open(t *testing.T) *database.DB { return databasetest.Open(t, "diary", notes(1)) }

// openFile is open of an embedded file, for what only that can do.
func openFile(t *testing.T) *database.DB {
	db, err := start(t, t.TempDir(), notes(1))
	require.NoError(t, err)
	return db
}

// write adds a note in a unit of work of its own or in the one ctx belongs to.
func write(ctx context.Context, db *database.DB, id, text string) error {
	return db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Create(&note{ID: id, Text: text}).Error
	})
}

// read returns the ids of all notes.
func read(t *testing.T, db *database.DB) []string {
	t.Helper()
	ids := []string{}
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&note{}).Order("id").Pluck("id", &ids).Error
	}))
	return ids
}

func TestUnitOfWork(t *testing.T) {
	t.Run("what was done can be read", func(t *testing.T) {
		db := open(t)
		require.NoError(t, write(t.Context(), db, "a", "hello"))
		require.Equal(t, []string{"a"}, read(t, db))
	})

	t.Run("a failed change leaves nothing and returns its own error", func(t *testing.T) {
		db, mine := open(t), errors.New("mine")
		err := db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			require.NoError(t, write(ctx, db, "a", ""))
			return mine
		})
		require.ErrorIs(t, err, mine)
		require.Empty(t, read(t, db))
	})

	t.Run("a duplicate is told by gorm's own error", func(t *testing.T) {
		db := open(t)
		require.NoError(t, write(t.Context(), db, "a", ""))
		require.ErrorIs(t, write(t.Context(), db, "a", ""), gorm.ErrDuplicatedKey)
	})

	t.Run("units within a unit join it", func(t *testing.T) {
		db := open(t)
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			require.NoError(t, write(ctx, db, "a", ""))
			return db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
				return tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&note{}, "id = ?", "a").Error
			})
		}))
	})

	t.Run("another module's database is refused inside a unit", func(t *testing.T) {
		mine, other := open(t), databasetest.Open(t, "other", nil)
		err := mine.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			return other.Do(ctx, func(context.Context, *gorm.DB) error { return nil })
		})
		require.True(t, fault.Is(err, fault.Internal))
		require.ErrorContains(t, err, "other inside a unit of work of diary")
	})

	t.Run("a unit cannot be ended from inside", func(t *testing.T) {
		db := open(t)
		err := db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Commit().Error })
		require.ErrorIs(t, err, gorm.ErrInvalidTransaction)
	})

	t.Run("its context does not outlive it", func(t *testing.T) {
		db, kept := open(t), context.Background()
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error { kept = ctx; return nil }))
		require.ErrorContains(t, write(kept, db, "a", ""), "is over")
	})

	t.Run("a read cannot write", func(t *testing.T) {
		db := open(t)
		err := db.Read(t.Context(), func(ctx context.Context, tx *gorm.DB) error {
			require.ErrorContains(t, write(ctx, db, "a", ""), "cannot write")
			return tx.Create(&note{ID: "b"}).Error
		})
		require.Error(t, err)
		require.Empty(t, read(t, db))
	})

	t.Run("a read stays on one snapshot", func(t *testing.T) {
		db := open(t)
		require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			require.ErrorIs(t, tx.Take(&note{}).Error, gorm.ErrRecordNotFound)
			require.NoError(t, write(t.Context(), db, "a", ""))
			require.ErrorIs(t, tx.Take(&note{}).Error, gorm.ErrRecordNotFound)
			return nil
		}))
	})

	t.Run("a query is one SELECT", func(t *testing.T) {
		db := open(t)
		require.NoError(t, write(t.Context(), db, "a", ""))
		var found note
		require.NoError(t, db.Query(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Take(&found, "id = ?", "a").Error }))
		require.Equal(t, "a", found.ID)
		for name, refused := range map[string]func(ctx context.Context, tx *gorm.DB) error{
			"a second one": func(_ context.Context, tx *gorm.DB) error {
				return errors.Join(tx.Take(&note{}).Error, tx.Take(&note{}).Error)
			},
			"a write":        func(_ context.Context, tx *gorm.DB) error { return tx.Exec("DELETE FROM notes").Error },
			"one of GORM's":  func(_ context.Context, tx *gorm.DB) error { return tx.Create(&note{ID: "b"}).Error },
			"a unit of work": func(ctx context.Context, _ *gorm.DB) error { return write(ctx, db, "b", "") },
		} {
			require.ErrorContains(t, db.Query(t.Context(), refused), "Do", name)
		}
		require.ErrorContains(t, db.Query(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Raw("DELETE FROM notes RETURNING id").Row().Scan(&found.ID)
		}), "DELETE FROM notes")
		require.ErrorContains(t, db.Query(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			_ = tx.Exec("DELETE FROM notes")
			return nil
		}), "DELETE FROM notes", "also where nobody looks at the error")
		require.Equal(t, []string{"a"}, read(t, db))
	})

	t.Run("a query within a unit joins it", func(t *testing.T) {
		db := open(t)
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			require.NoError(t, write(ctx, db, "a", ""))
			return db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
				return errors.Join(tx.Take(&note{}, "id = ?", "a").Error, tx.Take(&note{}, "id = ?", "a").Error)
			})
		}))
	})

	t.Run("a closed database says so", func(t *testing.T) {
		db := open(t)
		require.NoError(t, db.Close())
		require.True(t, fault.Is(write(t.Context(), db, "a", ""), fault.Unavailable))
	})
}

func TestAfterCommit(t *testing.T) {
	t.Run("runs in order before Do returns, of the last run only", func(t *testing.T) {
		db, told := open(t), []string{}
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			database.AfterCommit(ctx, func() { told = append(told, "first", read(t, db)[0]) })
			database.AfterCommit(ctx, func() { told = append(told, "second") })
			return write(ctx, db, "a", "")
		}))
		require.Equal(t, []string{"first", "a", "second"}, told)
	})

	t.Run("is dropped with its unit", func(t *testing.T) {
		db := open(t)
		require.Error(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			database.AfterCommit(ctx, func() { t.Error("told about nothing") })
			return errors.New("no")
		}))
	})

	t.Run("outside a unit is a bug", func(t *testing.T) {
		require.Panics(t, func() { database.AfterCommit(t.Context(), func() {}) })
	})
}

func TestCallersThatLeave(t *testing.T) {
	t.Run("a panic goes to its caller, and nothing stays", func(t *testing.T) {
		db := open(t)
		require.PanicsWithValue(t, "oh", func() {
			_ = db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
				require.NoError(t, write(ctx, db, "a", ""))
				panic("oh")
			})
		})
		require.NoError(t, write(t.Context(), db, "b", ""))
		require.Equal(t, []string{"b"}, read(t, db))
	})

	t.Run("an ended goroutine hurts nobody", func(t *testing.T) {
		db := open(t)
		var gone sync.WaitGroup
		gone.Go(func() {
			_ = db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error { runtime.Goexit(); return nil })
		})
		gone.Wait()
		require.NoError(t, write(t.Context(), db, "b", ""))
		require.Equal(t, []string{"b"}, read(t, db))
	})

	t.Run("cancelled before its turn it is not run", func(t *testing.T) {
		db := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, write(ctx, db, "a", ""), context.Canceled)
		require.Empty(t, read(t, db))
	})

	t.Run("cancelled in its turn it is finished", func(t *testing.T) {
		db := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error {
			cancel()
			require.NoError(t, ctx.Err())
			return write(ctx, db, "a", "")
		}))
		require.Equal(t, []string{"a"}, read(t, db))
	})
}
