package stories

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // a witness reads the shop's files
)

// A witness sees, from beside the shop, whether it writes anything at all.
type witness struct {
	t         testing.TB
	dir       string
	databases map[string]*sql.DB
	heads     map[string]string // of each database's log, as they were when nothing went on
	rows      map[string]string // digest of each table's rows, likewise
}

// witness begins to watch the shop's databases.
func (s *shop) witness() *witness {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "*.db"))
	require.NoError(s.t, err)
	require.NotEmpty(s.t, files, "the shop keeps no databases in its data folder")
	w := &witness{t: s.t, dir: s.dir, databases: map[string]*sql.DB{}}
	for _, file := range files {
		db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
		require.NoError(s.t, err)
		s.t.Cleanup(func() { _ = db.Close() })
		w.databases[strings.TrimSuffix(filepath.Base(file), ".db")] = db
	}
	return w
}

// settles waits until nothing goes on in the shop any more, and remembers how things are then.
func (w *witness) settles() {
	w.t.Helper()
	still := 300 * time.Millisecond
	if raceEnabled { // then all is slow, and rests in between
		still = time.Second
	}
	now, since := w.look(), time.Now()
	eventually(w.t, func() bool {
		before := now
		if now = w.look(); !maps.Equal(before, now) {
			since = time.Now()
		}
		return time.Since(since) > still
	}, "the shop does not come to rest")
	w.heads, w.rows = now, w.digests()
}

// changes names the tables, or the databases, that were written since the shop came to rest.
func (w *witness) changes() (names []string) {
	w.t.Helper()
	now := w.look()
	if maps.Equal(w.heads, now) {
		return nil
	}
	rows := w.digests()
	for table, digest := range rows {
		if w.rows[table] != digest {
			names = append(names, table)
		}
	}
	for name, head := range now {
		if w.heads[name] != head && len(names) == 0 {
			names = append(names, "a commit in "+name)
		}
	}
	w.heads, w.rows = now, rows
	slices.Sort(names)
	return names
}

// look reads the head of the index of each database's write-ahead log, which every commit changes.
func (w *witness) look() map[string]string {
	w.t.Helper()
	heads := map[string]string{}
	for name := range w.databases {
		index, err := os.Open(filepath.Join(w.dir, name+".db-shm"))
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

// rowsOf counts what is committed to a table.
func (w *witness) rowsOf(database, table string) (rows int) {
	w.t.Helper()
	require.NoError(w.t, w.databases[database].QueryRow(fmt.Sprintf("SELECT count(*) FROM %q", table)).Scan(&rows))
	return rows
}

// digests tells the contents of every table, so that a change can be named.
func (w *witness) digests() map[string]string {
	w.t.Helper()
	digests := map[string]string{}
	for name, db := range w.databases {
		for _, table := range texts(w.t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
			digests[name+"."+table] = w.digest(db, table)
		}
	}
	return digests
}

func (w *witness) digest(db *sql.DB, table string) string {
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
