package reference

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver of the product's own databases
)

// A file is a database on SQLite. It has one writer, who runs the statements of a group one by one.
type file struct {
	db    *sql.DB
	conn  *sql.Conn // the writer's
	ready map[string]*sql.Stmt
}

const sqliteSchema = `
CREATE TABLE IF NOT EXISTS aggregates (id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL, body TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (kind TEXT NOT NULL, id TEXT NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id, n)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS products (sku TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, quantity INTEGER NOT NULL CHECK (quantity >= 0)) STRICT;
CREATE TABLE IF NOT EXISTS inbox (id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox_lanes (source TEXT NOT NULL, id TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL, dest TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (id, dest)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox_events (id TEXT NOT NULL PRIMARY KEY, payload TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS outbox_lanes (id TEXT NOT NULL, dest TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (id, dest)) STRICT, WITHOUT ROWID;
`

func openFile(dir, name string) (*store, error) {
	query := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.Join(dir, name+".db"), RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	f := &file{db: db, ready: map[string]*sql.Stmt{}}
	if _, err := db.Exec(sqliteSchema); err != nil {
		return nil, err
	}
	if f.conn, err = db.Conn(context.Background()); err != nil {
		return nil, err
	}
	all := newLine()
	all.open(f.commit)
	return &store{name: name, engine: f, orders: all, steps: all}, nil
}

func (f *file) close() {
	_ = f.conn.Close()
	_ = f.db.Close()
}

func (f *file) commit(group []unit) error {
	if err := f.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, u := range group {
		if err := u.run(f); err != nil {
			return err
		}
	}
	return f.exec("COMMIT")
}

func (f *file) write(s statement, values ...any) error { return f.exec(s.sqlite, values...) }

func (f *file) draw(into *int64, s statement, values ...any) error {
	ready, err := f.prepared(s.sqlite)
	if err != nil {
		return err
	}
	return ready.QueryRow(values...).Scan(into)
}

func (f *file) exec(text string, values ...any) error {
	ready, err := f.prepared(text)
	if err == nil {
		_, err = ready.Exec(values...)
	}
	return err
}

func (f *file) prepared(text string) (*sql.Stmt, error) {
	if s, ok := f.ready[text]; ok {
		return s, nil
	}
	s, err := f.conn.PrepareContext(context.Background(), text)
	if err == nil {
		f.ready[text] = s
	}
	return s, err
}

func (f *file) cheapest(ctx context.Context) (name string, err error) {
	err = f.db.QueryRowContext(ctx, cheapestProduct).Scan(&name)
	return name, err
}
