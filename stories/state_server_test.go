package stories

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// A server is the databases of a shop on PostgreSQL or MariaDB, where triggers count what is written. What
// is written in a transaction that is rolled back is counted as well.
type server struct {
	t      testing.TB
	db     *sql.DB
	kind   database.Dialect
	name   string   // of the database; on MariaDB the beginning of every module's
	tables []string // schema.table, but for the signs of life of each process
}

func watchServer(t testing.TB, kind database.Dialect, address string) *server {
	t.Helper()
	w := &server{t: t, kind: kind, name: pathOf(t, address), db: databasetest.Connect(t, kind, address)}
	mine := "table_schema NOT IN ('pg_catalog', 'information_schema', 'public')"
	if kind == database.MySQL {
		mine = "table_schema LIKE '" + strings.ReplaceAll(w.name, "_", `\_`) + `\_%'`
	}
	w.tables = texts(t, w.db, "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE "+mine+
		" AND table_type = 'BASE TABLE' AND table_name <> 'instances' ORDER BY 1")
	require.NotEmpty(t, w.tables, "the shop keeps no tables in "+w.name)
	if kind == database.MySQL {
		w.countOnMariaDB()
	} else {
		w.countOnPostgres()
	}
	return w
}

func (w *server) countOnPostgres() {
	w.exec("CREATE SEQUENCE IF NOT EXISTS public.written")
	w.exec("CREATE OR REPLACE FUNCTION public.count_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS " +
		"$$ BEGIN PERFORM nextval('public.written'); RETURN NULL; END $$")
	for _, table := range w.tables {
		w.exec("CREATE OR REPLACE TRIGGER count_written AFTER INSERT OR UPDATE OR DELETE ON " + table +
			" FOR EACH ROW EXECUTE FUNCTION public.count_written()")
	}
}

func (w *server) countOnMariaDB() {
	w.exec("CREATE DATABASE IF NOT EXISTS " + w.name + "_written")
	w.exec("CREATE SEQUENCE IF NOT EXISTS " + w.name + "_written.written NOCACHE ENGINE=InnoDB")
	for _, table := range w.tables {
		for _, change := range []string{"INSERT", "UPDATE", "DELETE"} {
			w.exec("CREATE OR REPLACE TRIGGER " + table + "_" + change + " AFTER " + change + " ON " + table +
				" FOR EACH ROW DO NEXTVAL(" + w.name + "_written.written)")
		}
	}
}

func (w *server) exec(statement string) {
	w.t.Helper()
	_, err := w.db.Exec(statement)
	require.NoError(w.t, err, statement)
}

func (w *server) look() map[string]string {
	w.t.Helper()
	count := "SELECT last_value FROM public.written"
	if w.kind == database.MySQL {
		count = "SELECT next_not_cached_value FROM " + w.name + "_written.written"
	}
	return map[string]string{w.name: texts(w.t, w.db, count)[0]}
}

func (w *server) rowsOf(module, table string) (rows int) {
	w.t.Helper()
	schema := database.Schema(module)
	if w.kind == database.MySQL {
		schema = w.name + "_" + schema
	}
	require.NoError(w.t, w.db.QueryRow("SELECT COUNT(*) FROM "+schema+"."+table).Scan(&rows))
	return rows
}

func (w *server) digests() map[string]string {
	w.t.Helper()
	digests := map[string]string{}
	for _, table := range w.tables {
		digests[table] = w.digest(table)
	}
	return digests
}

func (w *server) digest(table string) string {
	w.t.Helper()
	rows, err := w.db.Query("SELECT * FROM " + table)
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(w.t, err)
	values, places := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	var lines []string
	for rows.Next() {
		require.NoError(w.t, rows.Scan(places...))
		lines = append(lines, fmt.Sprintf("%+v", values))
	}
	require.NoError(w.t, rows.Err())
	slices.Sort(lines)
	return fmt.Sprintf("%d rows %x", len(lines), sha256.Sum256([]byte(strings.Join(lines, "\n"))))
}
