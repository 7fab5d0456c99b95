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
		return nil, fmt.Errorf("open the database of %s to read it: %w", name, err)
	}
	return db, nil
}

func openReadOnly(ctx context.Context, name string, o Options) (*DB, error) {
	path := filepath.Join(o.Dir, name+".db")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "there is no file %s", path)
	} else if err != nil {
		return nil, err
	}
	reading, err := pool(path, 2, url.Values{"_pragma": reads, "mode": {"ro"}}, false)
	if err != nil {
		return nil, err
	}
	e := &readOnlyEngine{sqliteEngine{name: name, reading: reading}}
	if err := current(ctx, reading, o.Migrations); err != nil {
		return nil, errors.Join(e.explain(err), reading.Close())
	}
	orm, err := openORM(e)
	if err != nil {
		return nil, errors.Join(e.explain(err), reading.Close())
	}
	db := &DB{name: name, engine: e, orm: orm}
	db.writer = newCommitter(db)
	return db, nil
}

// current returns an error unless db has the schema that this program knows.
func current(ctx context.Context, db *sql.DB, module fs.FS) error {
	for _, s := range schemas(module) {
		behind, err := s.behind(ctx, db)
		if err != nil {
			return err
		}
		if behind {
			return fmt.Errorf("%s are older than this program knows them: migrate them first", s.what)
		}
	}
	return nil
}

// readOnlyEngine is an SQLite file that somebody else may be writing.
type readOnlyEngine struct{ sqliteEngine }

func (e *readOnlyEngine) begin(context.Context) (*sql.Tx, error) {
	return nil, fault.New(fault.Internal, "the database of %s is open for reading alone", e.name)
}

func (e *readOnlyEngine) dialector() gorm.Dialector {
	return gormsqlite.New(gormsqlite.Config{Conn: e.reading})
}

func (e *readOnlyEngine) close() error { return e.reading.Close() }
