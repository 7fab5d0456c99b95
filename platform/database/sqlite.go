package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	gormsqlite "github.com/libtnb/sqlite"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// sqliteEngine is one SQLite file: a single writer connection, so that writers queue in our memory and
// never meet SQLITE_BUSY, and a few readers, which WAL keeps out of the writer's way.
type sqliteEngine struct {
	name             string
	writing, reading *sql.DB
}

// What every connection is set to. FULL: a commit is on the disk before anybody hears of it. MEMORY: what
// a savepoint may have to restore is not written to a temporary file, as it is otherwise where a group is
// large; that cost 6 % of a busy shop's processor time.
var (
	pragmas = []string{"busy_timeout(5000)", "foreign_keys(1)", "temp_store(MEMORY)"}
	writes  = append([]string{"journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(67108864)"}, pragmas...)
	reads   = append([]string{"query_only(1)"}, pragmas...)
)

func openSQLite(ctx context.Context, dir, name string, migrations fs.FS) (*sqliteEngine, error) {
	path := filepath.Join(dir, name+".db")
	if err := unfencedFile(ctx, path, name); err != nil {
		return nil, err
	}
	writing, err := writeFile(ctx, path)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{name: name, writing: writing}
	if err := e.migrate(ctx, migrations); err != nil {
		return nil, errors.Join(e.explain(err), writing.Close())
	}
	e.reading, err = handle(path, max(2, runtime.NumCPU()), reads)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	e.reading.SetConnMaxIdleTime(time.Minute) // each keeps some megabytes of pages
	return e, nil
}

// unfencedFile is unfenced for a file that may be missing. It is only read: nobody writes to an old copy, be it
// its mode.
func unfencedFile(ctx context.Context, path, name string) error {
	if !exists(path) {
		return nil
	}
	return (&sqliteEngine{name: name}).explain(onFile(path, "ro", func(db *sql.DB) error { return unfenced(ctx, db, name) }))
}

// writeFile opens a file for its one writer, and creates it where it is missing.
func writeFile(ctx context.Context, path string) (*sql.DB, error) {
	if err := joinSet(ctx, path); err != nil {
		return nil, err
	}
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	return handle(path, 1, writes)
}

// prepareFile creates the file for its owner alone; SQLite gives its WAL and index the same mode.
func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// migrate brings the file's schema up to date: all migrations in one transaction, so that a failure or a
// kill leaves what was there.
func (e *sqliteEngine) migrate(ctx context.Context, module fs.FS) error {
	missing, err := pending(ctx, e.writing, SQLite, module)
	if err != nil || !missing {
		return err
	}
	tx, err := e.writing.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := migrateUp(ctx, tx, SQLite, module); err != nil {
		return err
	}
	return tx.Commit()
}

// handle opens a pool of size connections that stay open.
func handle(path string, size int, pragmas []string) (*sql.DB, error) {
	return pool(path, size, url.Values{"_pragma": pragmas})
}

func pool(path string, size int, query url.Values) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	c, err := newConnector((&url.URL{Scheme: "file", Path: absolute, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

func (e *sqliteEngine) begin(ctx context.Context) (*sql.Tx, error) {
	return e.writing.BeginTx(ctx, nil)
}

func (e *sqliteEngine) read(ctx context.Context) (*sql.Tx, error) {
	return e.reading.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}

func (e *sqliteEngine) query(ask func(*sql.DB) error) error { return ask(e.reading) }

func (e *sqliteEngine) reader() *sql.DB { return e.reading }

func (e *sqliteEngine) dialector() gorm.Dialector {
	return gormsqlite.New(gormsqlite.Config{Conn: e.writing})
}

// close closes the writer last: it puts the WAL into the file.
func (e *sqliteEngine) close() error { return errors.Join(e.reading.Close(), e.writing.Close()) }

// commit commits. Where it failed after its pages were written, only a restart would tell whether it is there.
func (e *sqliteEngine) commit(tx *sql.Tx) error {
	err := tx.Commit()
	switch {
	case err == nil, errors.Is(err, errLost):
		return err
	case errors.Is(err, errRolledBack) && codeOf(err)&0xff == sqlite3.SQLITE_CONSTRAINT:
		return errors.Join(errLost, err) // a deferred constraint: somebody's, and not everybody's
	case errors.Is(err, errRolledBack) && !written(err):
		return fault.New(fault.Unavailable, "the database of %s could not commit, nothing was done: %w", e.name, err)
	default:
		return fault.New(fault.Unknown, "the database of %s does not know whether it committed: %w", e.name, err)
	}
}

// written reports whether a commit failed when it was in the WAL already: at the flush, or while the index
// of the WAL grew. The engine has taken it back, but a crash before the next commit would bring it again.
func written(err error) bool {
	switch codeOf(err) {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC,
		sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_IOERR_SHMOPEN:
		return true
	}
	return false
}

// codeOf returns the engine's code of an error, 0 if it is not the engine's.
func codeOf(err error) int {
	var engine *sqlite.Error
	if errors.As(err, &engine) {
		return engine.Code()
	}
	return 0
}

// explain makes errors that a bigger disk or another moment would heal fault.Unavailable.
func (e *sqliteEngine) explain(err error) error {
	if _, known := fault.As(err); known {
		return err
	}
	switch codeOf(err) & 0xff {
	case sqlite3.SQLITE_FULL:
		return fault.New(fault.Unavailable, "the disk of the database of %s is full: %w", e.name, err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return fault.New(fault.Unavailable, "the disk of the database of %s fails: %w", e.name, err)
	case sqlite3.SQLITE_READONLY:
		return fault.New(fault.Unavailable, "the database of %s is read-only: %w", e.name, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.New(fault.Unavailable, "the database of %s is locked by another process: %w", e.name, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file of the database of %s is damaged; restore it from a backup: %w", e.name, err)
	}
	return err
}

// blame says what a transaction was lost to: a bug of the change, such as a constraint broken at its end,
// or something that may pass.
func (e *sqliteEngine) blame(lost error) error {
	if err := e.explain(lost); codeOf(lost) != 0 {
		return err
	}
	return fault.New(fault.Unavailable, "the database of %s gave the transaction up: %w", e.name, lost)
}

func noSQLiteTable(err error) bool {
	return codeOf(err)&0xff == sqlite3.SQLITE_ERROR && strings.Contains(err.Error(), "no such table")
}

// collided reports whether err says that a member ran into somebody else: never here, where one writes at a time.
func (e *sqliteEngine) collided(error) bool { return false }

// writers is one: the engine has no room for more.
func (e *sqliteEngine) writers() int { return 1 }
