// Package databasetest gives tests a real database that is theirs alone.
//
// PANGAEA_TEST_DATABASE says of which kind: sqlite (the default), postgres or mysql. A server is named by
// PANGAEA_TEST_POSTGRES_URL or PANGAEA_TEST_MYSQL_URL, for somebody who may create databases.
package databasetest

import (
	"cmp"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// Open returns an empty database of the named module with its schema: the engine of a running shop, at a
// place that goes with the test. migrations may be nil for the platform's tables alone.
func Open(t testing.TB, name string, migrations fs.FS) *database.DB {
	t.Helper()
	db := Reopen(t, Places(t), name, migrations)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// Reopen opens the database of the named module at a place that may have it already. Whoever calls closes it.
func Reopen(t testing.TB, places database.Places, name string, migrations fs.FS) *database.DB {
	t.Helper()
	place, err := places(name)
	require.NoError(t, err)
	place.Migrations = migrations
	db, err := database.Open(t.Context(), name, place)
	require.NoError(t, err)
	return db
}

// Dialect is the kind of database that the tests run on.
func Dialect() database.Dialect {
	return database.Dialect(cmp.Or(os.Getenv("PANGAEA_TEST_DATABASE"), string(database.SQLite)))
}

// Places returns places for the databases of any modules, which go with the test. The same name has the
// same place.
func Places(t testing.TB) database.Places {
	t.Helper()
	switch kind := Dialect(); kind {
	case database.SQLite:
		dir := t.TempDir()
		return func(string) (database.Options, error) { return database.Options{Dir: dir}, nil }
	case database.Postgres:
		return postgresSchemas(t)
	case database.MySQL:
		return Apart(t, kind)
	default:
		t.Fatalf("PANGAEA_TEST_DATABASE is %q: must be sqlite, postgres or mysql", kind)
		return nil
	}
}

// Apart are places in a database of a server that no other test uses.
func Apart(t testing.TB, kind database.Dialect) database.Places {
	t.Helper()
	shared := Server(t, kind)
	return func(module string) (database.Options, error) {
		own, err := database.Share(shared, module)
		return database.Options{URL: own}, err
	}
}
