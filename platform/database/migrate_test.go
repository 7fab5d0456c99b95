package database_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// notes are the migrations of a module up to a version.
func notes(version int) fs.FS {
	up := []string{"CREATE TABLE IF NOT EXISTS notes (id VARCHAR(64) NOT NULL PRIMARY KEY, text TEXT NOT NULL)"}
	for v := 2; v <= version; v++ {
		up = append(up, fmt.Sprintf("CREATE TABLE IF NOT EXISTS more_%d (id VARCHAR(64) NOT NULL PRIMARY KEY)", v))
	}
	return databasetest.Migrations(up...)
}

// tables returns the names of the tables that begin with prefix.
func tables(t *testing.T, db *database.DB, prefix string) []string {
	t.Helper()
	names := []string{}
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("sqlite_master").Where("type = 'table' AND name LIKE ?", prefix+"%").Pluck("name", &names).Error
	}))
	return names
}

func start(t *testing.T, dir string, migrations fs.FS) (*database.DB, error) {
	t.Helper()
	db, err := database.Open(t.Context(), "diary", database.Options{Dir: dir, Migrations: migrations})
	if err == nil {
		t.Cleanup(func() { require.NoError(t, db.Close()) })
	}
	return db, err
}

func TestMigrations(t *testing.T) {
	t.Run("a new file gets everything, an old one the rest", func(t *testing.T) {
		dir := t.TempDir()
		db, err := start(t, dir, notes(1))
		require.NoError(t, err)
		require.NoError(t, write(t.Context(), db, "kept", ""))
		require.Equal(t, []string{"audit_log"}, tables(t, db, "audit_l"))
		require.NoError(t, db.Close())

		db, err = start(t, dir, notes(3))
		require.NoError(t, err)
		require.Equal(t, []string{"more_2", "more_3"}, tables(t, db, "more"))
		require.Equal(t, []string{"kept"}, read(t, db))
	})

	t.Run("a migration that fails leaves what was there, and can be mended", func(t *testing.T) {
		dir := t.TempDir()
		db, err := start(t, dir, notes(1))
		require.NoError(t, err)
		require.NoError(t, db.Close())

		broken := notes(2).(fstest.MapFS)
		broken["sqlite/0003_broken.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE more_3 (id TEXT) STRICT; CREATE nonsense;")}
		_, err = start(t, dir, broken)
		require.ErrorContains(t, err, "nonsense")

		db, err = start(t, dir, notes(1))
		require.NoError(t, err)
		require.Empty(t, tables(t, db, "more"))
	})

	t.Run("a schema newer than the program is refused", func(t *testing.T) {
		dir := t.TempDir()
		db, err := start(t, dir, notes(2))
		require.NoError(t, err)
		require.NoError(t, db.Close())
		_, err = start(t, dir, notes(1))
		require.ErrorContains(t, err, "start the newer program")
	})

	t.Run("a dirty schema is refused", func(t *testing.T) {
		dir := t.TempDir()
		db, err := start(t, dir, notes(1))
		require.NoError(t, err)
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE schema_migrations SET dirty = true").Error
		}))
		require.NoError(t, db.Close())
		_, err = start(t, dir, notes(2))
		require.ErrorContains(t, err, "migration 1 of the module's tables was interrupted")
	})

	t.Run("a damaged file is refused and left alone", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "diary.db")
		garbage := []byte("this has never been a database, whatever its name says, and is long enough to be read as one........")
		require.NoError(t, os.WriteFile(path, garbage, 0o600))
		_, err := start(t, dir, notes(1))
		require.ErrorContains(t, err, "damaged")
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, garbage, after)
	})
}
