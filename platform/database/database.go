// Package database gives a module its own database and one way to write to it.
package database

import (
	"context"
	"io/fs"

	"gorm.io/gorm"
)

// A DB is the database of one module. Nobody else reads or writes it.
type DB struct{ name string }

// Options say where a module's database is and what its schema should be.
type Options struct {
	Dir        string // folder of the embedded files
	Migrations fs.FS  // the module's own migrations: a folder per dialect
}

// Open opens the named module's database and brings its schema, and that of the platform's tables in it, up to date.
func Open(ctx context.Context, name string, o Options) (*DB, error) { panic("unwritten") }

// Name is the module's name.
func (db *DB) Name() string { return db.name }

// Do runs change as one unit of work and returns after its durable commit, with change's own error
// where it failed. Within change's ctx a further Do or Read of the same database joins it.
//
// change may run more than once, may share its transaction with changes of other callers and may see
// what earlier members of that group wrote; it must have no effect outside the transaction and calls
// no other module. It does not see the caller's cancellation. A commit of which nobody knows whether
// it happened is fault.Unknown.
func (db *DB) Do(ctx context.Context, change func(ctx context.Context, tx *gorm.DB) error) error {
	panic("unwritten")
}

// Read runs query on one consistent snapshot. It cannot write.
func (db *DB) Read(ctx context.Context, query func(ctx context.Context, tx *gorm.DB) error) error {
	panic("unwritten")
}

// AfterCommit runs f once the unit of work that ctx belongs to is durably committed; never if it is not.
func AfterCommit(ctx context.Context, f func()) { panic("unwritten") }

// Close waits for the units of work under way and closes the database.
func (db *DB) Close() error { panic("unwritten") }
