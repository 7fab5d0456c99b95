package main

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // so that sql.Open knows it

	platformsql "github.com/pangaea-shop/pangaea/migrations/platform"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// inquireOfSQLite makes one file with the tables of everybody. EXPLAIN tells there which pages a statement
// begins to read or write at, and the file whose these are.
func inquireOfSQLite(t *testing.T, roll *module.Roll) inquiry {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "everything.db"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	pages := map[int64]table{}
	migrate := func(owner string, migrations fs.FS) {
		steps, err := fs.Glob(migrations, "sqlite/*.up.sql")
		require.NoError(t, err)
		require.NotEmpty(t, steps, owner)
		for _, step := range steps {
			text, err := fs.ReadFile(migrations, step)
			require.NoError(t, err)
			_, err = db.Exec(string(text))
			require.NoError(t, err, "%s: %s", owner, step)
		}
		for page, name := range rootsOf(t, db) {
			if _, known := pages[page]; !known {
				pages[page] = table{owner, name}
			}
		}
	}
	migrate(platform, platformsql.Files)
	for _, member := range roll.Members() {
		migrate(database.Schema(member.Name), member.Migrations)
	}
	return func(t *testing.T, s statement) []string {
		var touched []table
		for _, page := range pagesOf(t, db, s) {
			require.Contains(t, pages, page, "%s: %s", s.module, s.sql)
			touched = append(touched, pages[page])
		}
		return strangers(s.module, touched)
	}
}

// rootsOf says of which table each tree of pages is, by its first page. An index is of its table.
func rootsOf(t *testing.T, db *sql.DB) map[int64]string {
	t.Helper()
	roots := map[int64]string{}
	rows, err := db.Query("SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var page int64
		var name string
		require.NoError(t, rows.Scan(&page, &name))
		roots[page] = name
	}
	require.NoError(t, rows.Err())
	return roots
}

// pagesOf are the trees that a statement opens: https://sqlite.org/opcode.html
func pagesOf(t *testing.T, db *sql.DB, s statement) (pages []int64) {
	t.Helper()
	rows, err := db.Query("EXPLAIN "+s.sql, s.vars...)
	require.NoError(t, err, "%s: %s", s.module, s.sql)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var address, p1, p2, p3, p5 int64
		var opcode string
		var p4, comment any
		require.NoError(t, rows.Scan(&address, &opcode, &p1, &p2, &p3, &p4, &p5, &comment))
		switch opcode {
		case "OpenRead", "OpenWrite", "ReopenIdx":
			require.Zero(t, p3, "another file: %s", s.sql)
			pages = append(pages, p2)
		case "Clear": // all rows at once
			pages = append(pages, p1)
		case "VOpen", "Destroy", "ParseSchema":
			t.Errorf("%s: %s in %s", s.module, opcode, s.sql)
		}
	}
	require.NoError(t, rows.Err())
	return pages
}
