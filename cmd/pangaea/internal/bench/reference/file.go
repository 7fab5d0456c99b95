package reference

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // the driver of the product's own databases
)

// A file is the database of one module. Whoever waits while a commit is under way shares the next one.
type file struct {
	name  string
	db    *sql.DB
	conn  *sql.Conn // the writer
	ready map[string]*sql.Stmt
	units atomic.Int64 // transactions wanted so far

	mu      sync.Mutex
	waiting []unit
	more    chan struct{}
	quit    chan struct{}
	stopped chan struct{}

	marks     sync.Mutex
	forgotten []event // delivered, and to be deleted
}

// A unit is what would be a transaction if it came alone.
type unit struct {
	run  func() error
	done func(error) // after the commit
}

const schema = `
CREATE TABLE IF NOT EXISTS aggregates (id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL, body TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (kind TEXT NOT NULL, id TEXT NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id, n)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS products (sku TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, quantity INTEGER NOT NULL CHECK (quantity >= 0)) STRICT;
CREATE TABLE IF NOT EXISTS inbox (id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox_lanes (source TEXT NOT NULL, id TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL, dest TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (id, dest)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox_events (id TEXT NOT NULL PRIMARY KEY, payload TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS outbox_lanes (id TEXT NOT NULL, dest TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (id, dest)) STRICT, WITHOUT ROWID;
`

func openFile(dir, name string) (*file, error) {
	query := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.Join(dir, name+".db"), RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	f := &file{
		name: name, db: db, ready: map[string]*sql.Stmt{}, more: make(chan struct{}, 1),
		quit: make(chan struct{}), stopped: make(chan struct{}),
	}
	if _, err := db.Exec(schema); err != nil {
		return nil, err
	}
	if f.conn, err = db.Conn(context.Background()); err != nil {
		return nil, err
	}
	go f.commitGroups()
	return f, nil
}

// close ends the writer after the group under way.
func (f *file) close() {
	close(f.quit)
	<-f.stopped
	_ = f.conn.Close()
	_ = f.db.Close()
}

// do runs a unit with whatever else is waiting, and says when that is durable.
func (f *file) do(run func() error, done func(error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = append(f.waiting, unit{run, done})
	select {
	case f.more <- struct{}{}:
	default:
	}
}

// most is how many units share a commit.
const most = 500

func (f *file) commitGroups() {
	defer close(f.stopped)
	for {
		group := f.gather()
		if len(group) == 0 {
			select {
			case <-f.more:
				continue
			case <-f.quit:
				return
			}
		}
		f.units.Add(int64(len(group)))
		err := f.commit(group)
		for _, u := range group {
			u.done(err)
		}
	}
}

func (f *file) gather() []unit {
	f.mu.Lock()
	defer f.mu.Unlock()
	group := f.waiting[:min(len(f.waiting), most)]
	f.waiting = f.waiting[len(group):]
	return group
}

func (f *file) commit(group []unit) error {
	if err := f.write("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, u := range group {
		if err := u.run(); err != nil {
			return err
		}
	}
	return f.write("COMMIT")
}

// write runs a statement of the group under way.
func (f *file) write(statement string, values ...any) error {
	s, err := f.prepared(statement)
	if err == nil {
		_, err = s.Exec(values...)
	}
	return err
}

// read runs a query of the group under way, for one value.
func (f *file) read(query string, into any, values ...any) error {
	s, err := f.prepared(query)
	if err != nil {
		return err
	}
	return s.QueryRow(values...).Scan(into)
}

func (f *file) prepared(statement string) (*sql.Stmt, error) {
	if s, ok := f.ready[statement]; ok {
		return s, nil
	}
	s, err := f.conn.PrepareContext(context.Background(), statement)
	if err == nil {
		f.ready[statement] = s
	}
	return s, err
}
