package stories

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// An opened is the database of one module of a shop that has stopped, for who wants to change it.
type opened struct {
	*shop
	db *sql.DB
}

// module opens the database of a module as it is.
func (s *shop) module(name string) opened {
	s.t.Helper()
	kind := databasetest.Dialect()
	var db *sql.DB
	switch kind {
	case database.SQLite:
		var err error
		db, err = sql.Open("sqlite", filepath.Join(s.dir, name+".db"))
		require.NoError(s.t, err)
		s.t.Cleanup(func() { require.NoError(s.t, db.Close()) })
	default:
		address, err := database.Share(s.server, name)
		require.NoError(s.t, err)
		db = databasetest.Connect(s.t, kind, address)
	}
	db.SetMaxOpenConns(1) // so that what is set stays set
	o := opened{s, db}
	switch kind {
	case database.Postgres:
		o.exec("SET search_path = " + database.Schema(name))
	case database.MySQL:
		o.exec("USE " + pathOf(s.t, s.server) + "_" + database.Schema(name))
	}
	return o
}

// copied is a copy of a shop that has stopped, of which one module's database is to be changed.
func (s *shop) copied(t *testing.T, name string) opened {
	t.Helper()
	c := s.in(t)
	c.env = slices.Clone(s.env)
	switch kind := databasetest.Dialect(); kind {
	case database.SQLite:
		c.dir = filepath.Join(t.TempDir(), "data")
		require.NoError(t, os.CopyFS(c.dir, os.DirFS(s.dir)))
		c.env = append(c.env, "PANGAEA_DATA_DIR="+c.dir)
	case database.Postgres:
		c.server = databasetest.Copy(t, kind, s.server, "")
		c.env = append(c.env, "PANGAEA_DATABASE_URL="+c.server)
	case database.MySQL:
		c.server = databasetest.Copy(t, kind, s.server, database.Schema(name))
		own, err := database.Share(c.server, name)
		require.NoError(t, err)
		c.env = append(c.env, "PANGAEA_"+strings.ToUpper(database.Schema(name))+"_DATABASE_URL="+own)
	}
	return c.module(name)
}

// tamper runs SQL, also against what tables demand of their rows, and expects every statement of it to change
// something.
func (o opened) tamper(text string) {
	o.t.Helper()
	o.unchecked()
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) != "" {
			require.Positive(o.t, o.exec(statement), statement)
		}
	}
}

// exec runs a statement and returns how many rows it has changed.
func (o opened) exec(statement string) int64 {
	o.t.Helper()
	result, err := o.db.Exec(statement)
	require.NoError(o.t, err, statement)
	changed, err := result.RowsAffected()
	require.NoError(o.t, err)
	return changed
}

// unchecked lets rows be what their tables forbid.
func (o opened) unchecked() {
	o.t.Helper()
	switch databasetest.Dialect() {
	case database.SQLite:
		o.exec("PRAGMA ignore_check_constraints = 1")
	case database.MySQL:
		o.exec("SET check_constraint_checks = 0, foreign_key_checks = 0")
	case database.Postgres:
		for _, drop := range texts(o.t, o.db, `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
			FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = current_schema()::regnamespace ORDER BY contype DESC`) {
			o.exec(drop)
		}
	}
}

// pathOf is the name of the database that a URL ends with.
func pathOf(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return strings.Trim(u.Path, "/")
}
