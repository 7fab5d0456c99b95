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

	gormsqlite "github.com/libtnb/sqlite"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// OpenReadOnly opens the named module's database for Read alone, beside a process that may be running on
// it: it takes no lock, migrates nothing and cannot write. It is fault.NotFound if there is no such
// database, and an error if its schema is not the one that this program knows.
func OpenReadOnly(ctx context.Context, name string, o Options) (*DB, error) {
	db, err := openReadOnly(ctx, name, o)
	if err != nil {
		return nil, fmt.Errorf("open the database of %s to read it: %w", o.whose(name), err)
	}
	return db, nil
}

func openReadOnly(ctx context.Context, name string, o Options) (*DB, error) {
	dialect, err := o.Dialect()
	if err != nil {
		return nil, err
	}
	var e engine
	if dialect == SQLite {
		e, err = readSQLite(o.Dir, name)
	} else {
		e, err = readServer(ctx, name, dialect, o)
	}
	if err != nil {
		return nil, err
	}
	if err = unfenced(ctx, e.reader(), name); err == nil {
		err = current(ctx, e.reader(), dialect, o.Migrations)
	}
	if err != nil {
		return nil, errors.Join(e.explain(err), e.close())
	}
	orm, err := openORM(e)
	if err != nil {
		return nil, errors.Join(e.explain(err), e.close())
	}
	db := &DB{name: name, engine: e, orm: orm}
	db.writer = newCommitter(db)
	return db, nil
}

// current returns an error unless db has the schema that this program knows.
func current(ctx context.Context, db querier, dialect Dialect, module fs.FS) error {
	missing, err := pending(ctx, db, dialect, module)
	if err == nil && missing {
		err = errors.New("its schema is older than this program knows it: migrate it first")
	}
	return err
}

// readOnly is an engine that does not write.
type readOnly struct {
	engine
	name    string
	reading *sql.DB
	speaker func(*sql.DB) gorm.Dialector
}

func (e *readOnly) begin(context.Context) (*sql.Tx, error) {
	return nil, fault.New(fault.Internal, "the database of %s is open for reading alone", e.name)
}

func (e *readOnly) dialector() gorm.Dialector { return e.speaker(e.reading) }

func (e *readOnly) close() error { return e.reading.Close() }

// readSQLite opens a file that somebody else may be writing.
func readSQLite(dir, name string) (engine, error) {
	path := filepath.Join(dir, name+".db")
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "there is no file %s", path)
	} else if err != nil {
		return nil, err
	}
	reading, err := pool(path, 2, url.Values{"_pragma": reads, "mode": {"ro"}})
	if err != nil {
		return nil, err
	}
	speak := func(db *sql.DB) gorm.Dialector { return gormsqlite.New(gormsqlite.Config{Conn: db}) }
	return &readOnly{&sqliteEngine{name: name, reading: reading}, name, reading, speak}, nil
}

// readServer opens a schema that somebody else may be writing.
func readServer(ctx context.Context, name string, dialect Dialect, o Options) (engine, error) {
	s, err := openServer(name, dialect, o)
	if err != nil {
		return nil, err
	}
	if err := s.writing.Close(); err != nil {
		return nil, errors.Join(err, s.reading.Close())
	}
	var version int
	err = s.reading.QueryRowContext(ctx, "SELECT version FROM platform_migrations").Scan(&version)
	if noTable(err) {
		err = fault.New(fault.NotFound, "the database of %s has no tables", name)
	}
	if err != nil {
		return nil, errors.Join(s.explain(err), s.reading.Close())
	}
	return &readOnly{s, name, s.reading, s.speaker}, nil
}
