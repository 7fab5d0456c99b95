package database_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func readOnly(t *testing.T, dir string, version int) (*database.DB, error) {
	t.Helper()
	db, err := database.OpenReadOnly(t.Context(), "diary", database.Options{Dir: dir, Migrations: notes(version)})
	if err == nil {
		t.Cleanup(func() { require.NoError(t, db.Close()) })
	}
	return db, err
}

func TestReadingBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	db, err := start(t, dir, notes(1))
	require.NoError(t, err)
	require.NoError(t, write(t.Context(), db, "before", ""))

	beside, err := readOnly(t, dir, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"before"}, read(t, beside))
	require.NoError(t, write(t.Context(), db, "meanwhile", ""))
	require.Equal(t, []string{"before", "meanwhile"}, read(t, beside))

	require.ErrorContains(t, write(t.Context(), beside, "never", ""), "reading alone")
	require.Error(t, beside.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("DELETE FROM notes").Error
	}))
}

func TestReadingChangesNothing(t *testing.T) {
	dir := t.TempDir()
	db, err := start(t, dir, notes(1))
	require.NoError(t, err)
	require.NoError(t, write(t.Context(), db, "kept", ""))
	require.NoError(t, db.Close())
	path := filepath.Join(dir, "diary.db")
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	t.Run("of a current schema", func(t *testing.T) {
		alone, err := readOnly(t, dir, 1)
		require.NoError(t, err)
		require.Equal(t, []string{"kept"}, read(t, alone))
	})
	t.Run("of an older schema, which is refused", func(t *testing.T) {
		_, err := readOnly(t, dir, 2)
		require.ErrorContains(t, err, "migrate it first")
	})
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestReadingWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	_, err := readOnly(t, dir, 1)
	require.True(t, fault.Is(err, fault.NotFound), err)
	require.ErrorContains(t, err, filepath.Join(dir, "diary.db"))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}
