package databasetest

import (
	"fmt"
	"io/fs"
	"testing/fstest"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// Migrations are those of a module, one after the other, in SQL that every kind of database understands.
func Migrations(up ...string) fs.FS {
	files := fstest.MapFS{}
	for i, statements := range up {
		for _, dialect := range []database.Dialect{database.SQLite, database.Postgres, database.MySQL} {
			files[fmt.Sprintf("%s/%04d_test.up.sql", dialect, i+1)] = &fstest.MapFile{Data: []byte(statements)}
		}
	}
	return files
}
