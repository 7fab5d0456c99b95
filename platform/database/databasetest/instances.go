package databasetest

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// Instances opens an empty database of the named module as several processes would: two that share it on
// a server, and the only one there can be on SQLite.
func Instances(t testing.TB, name string, migrations fs.FS) []*database.DB {
	t.Helper()
	places, count := Places(t), 2
	if Dialect() == database.SQLite {
		count = 1
	}
	instances := make([]*database.DB, count)
	for i := range instances {
		db := Reopen(t, places, name, migrations)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		instances[i] = db
	}
	return instances
}
