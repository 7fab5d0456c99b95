package stories

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // a witness reads the shop's files
)

// files are the embedded databases of a shop.
type files struct {
	t         testing.TB
	databases map[string]*sql.DB
	paths     map[string]string
}

func watchFiles(t testing.TB, dir string) *files {
	t.Helper()
	w := &files{t: t, databases: map[string]*sql.DB{}, paths: map[string]string{}}
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		name, isDatabase := strings.CutSuffix(filepath.Base(path), ".db")
		if err != nil || !isDatabase {
			return err
		}
		db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
		t.Cleanup(func() { _ = db.Close() })
		w.databases[name], w.paths[name] = db, path
		return err
	}))
	require.NotEmpty(t, w.databases, "the shop keeps no databases in its data folder")
	return w
}

// look reads the head of the index of each database's write-ahead log, which every commit changes.
func (w *files) look() map[string]string {
	w.t.Helper()
	heads := map[string]string{}
	for name, path := range w.paths {
		index, err := os.Open(path + "-shm")
		if err != nil {
			heads[name] = err.Error() // nobody has the database open
			continue
		}
		head := make([]byte, 96)
		_, err = index.ReadAt(head, 0)
		require.NoError(w.t, errors.Join(err, index.Close()))
		heads[name] = string(head)
	}
	return heads
}

func (w *files) rowsOf(database, table string) (rows int) {
	w.t.Helper()
	require.NoError(w.t, w.databases[database].QueryRow(fmt.Sprintf("SELECT count(*) FROM %q", table)).Scan(&rows))
	return rows
}

func (w *files) digests() map[string]string {
	w.t.Helper()
	digests := map[string]string{}
	for name, db := range w.databases {
		for _, table := range texts(w.t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
			digests[name+"."+table] = w.digest(db, table)
		}
	}
	return digests
}

func (w *files) digest(db *sql.DB, table string) string {
	w.t.Helper()
	columns := texts(w.t, db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
	for i, column := range columns {
		columns[i] = fmt.Sprintf("quote(%q)", column)
	}
	rows := texts(w.t, db, fmt.Sprintf("SELECT %s FROM %q", strings.Join(columns, " || ',' || "), table))
	slices.Sort(rows)
	return fmt.Sprintf("%d rows %x", len(rows), sha256.Sum256([]byte(strings.Join(rows, "\n"))))
}

func texts(t testing.TB, db *sql.DB, query string, args ...any) (found []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	require.NoError(t, err, query)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text), query)
		found = append(found, text)
	}
	require.NoError(t, rows.Err(), query)
	return found
}
