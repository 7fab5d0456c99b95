package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	migratedb "github.com/golang-migrate/migrate/v4/database"
)

// A ledger is golang-migrate's view of a database: it runs migrations and notes how far they are, in
// whatever transaction it was given. So on SQLite and PostgreSQL a kill at any moment leaves what was
// there. MySQL commits every change of a table by itself; there what was interrupted is run again, and
// its migrations are written so that they can be.
type ledger struct {
	ctx        context.Context
	to         statementRunner
	table      string
	repeatable bool // an interrupted migration may be run again: there is no transaction around it
}

// A statementRunner is a transaction or a connection.
type statementRunner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// prepare creates the table of versions.
func (l *ledger) prepare() error {
	return l.exec("CREATE TABLE IF NOT EXISTS " + l.table + " (version BIGINT NOT NULL PRIMARY KEY, dirty BOOLEAN NOT NULL)")
}

func (l *ledger) exec(statement string) error {
	_, err := l.to.ExecContext(l.ctx, statement)
	return err
}

// Run runs the statements of one migration.
func (l *ledger) Run(migration io.Reader) error {
	text, err := io.ReadAll(migration)
	if err != nil {
		return err
	}
	return l.exec(string(text))
}

// SetVersion notes the version that a migration leads to, before it as dirty and after it as done. At no moment
// is there no version: every migration would be run again.
func (l *ledger) SetVersion(version int, dirty bool) error {
	note := "DELETE FROM " + l.table
	if version >= 0 {
		note += fmt.Sprintf("; INSERT INTO %s (version, dirty) VALUES (%d, %t)", l.table, version, dirty)
	}
	if l.repeatable {
		note = "START TRANSACTION; " + note + "; COMMIT"
	}
	return l.exec(note)
}

// Version is the version that the schema has.
func (l *ledger) Version() (version int, dirty bool, err error) {
	err = l.to.QueryRowContext(l.ctx, "SELECT version, dirty FROM "+l.table).Scan(&version, &dirty)
	if errors.Is(err, sql.ErrNoRows) {
		return migratedb.NilVersion, false, nil
	}
	if err == nil && dirty && l.repeatable {
		if version--; version == 0 {
			version = migratedb.NilVersion
		}
		dirty = false
	}
	return version, dirty, err
}

// Lock does nothing: whoever has made the ledger holds the lock.
func (l *ledger) Lock() error { return nil }

// Unlock does nothing.
func (l *ledger) Unlock() error { return nil }

// Close does nothing: the connection is not ours.
func (l *ledger) Close() error { return nil }

// Open is not there: a ledger is on a connection already.
func (l *ledger) Open(string) (migratedb.Driver, error) { return nil, errors.ErrUnsupported }

// Drop is not there: nobody drops a module's tables.
func (l *ledger) Drop() error { return errors.ErrUnsupported }
