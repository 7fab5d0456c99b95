package database_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	db, err := start(t, dir, notes(1))
	require.NoError(t, err)
	require.NoError(t, write(t.Context(), db, "a", ""))
	for _, name := range []string{"diary.db", "diary.db-wal", "diary.db-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
}

func TestTheWriterIsDurable(t *testing.T) {
	db := openFile(t)
	for pragma, want := range map[string]string{
		"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		var got string
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Raw("PRAGMA " + pragma).Scan(&got).Error
		}))
		require.Equal(t, want, got, pragma)
	}
}

func TestAFolderIsForOneProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	mine, err := database.LockDir(dir)
	require.NoError(t, err)

	_, err = database.LockDir(dir)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "pid "+strconv.Itoa(os.Getpid()))

	require.NoError(t, mine.Close())
	again, err := database.LockDir(dir)
	require.NoError(t, err)
	require.NoError(t, again.Close())
}
