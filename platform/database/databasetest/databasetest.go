// Package databasetest gives tests a real database that is theirs alone.
package databasetest

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// Open returns an empty database of the named module with its schema: the engine and files of a running
// shop, in a folder that goes with the test. migrations may be nil for the platform's tables alone.
func Open(t testing.TB, name string, migrations fs.FS) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), name, database.Options{Dir: t.TempDir(), Migrations: migrations})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}
