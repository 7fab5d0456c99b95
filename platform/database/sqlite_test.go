package database_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func TestGroupOnSQLite(t *testing.T) {
	t.Run("a lost transaction runs again, one member at a time", func(t *testing.T) {
		db, runs, told := openFile(t), 0, []string{}
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
		db := openFile(t)
		spoiler := thenFails(t, "never", func(tx *gorm.DB) error { tx.Exec("ROLLBACK"); return nil })
		other := writer(t, "other")
		database.Together(db, spoiler, other)
		require.True(t, fault.Is(spoiler.Err, fault.Unavailable), "%v", spoiler.Err)
		require.NoError(t, other.Err)
		require.Equal(t, []string{"other"}, read(t, db))
	})

	t.Run("a violation that shows at the commit is its member's alone", func(t *testing.T) {
		db, err := start(t, t.TempDir(), fstest.MapFS{"sqlite/0001_init.up.sql": {Data: []byte(`
			CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT;
			CREATE TABLE marks (note TEXT NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED) STRICT;`)}})
		require.NoError(t, err)
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
		db := openFile(t)
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
