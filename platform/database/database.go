// Package database gives a module its own database and one way to write to it.
//
// # The promise
//
// Every write is a unit of work, run by [DB.Do]:
//
//   - It is all or nothing, and durable when Do returns nil: the commit was flushed to the disk.
//   - Do returns change's own error where change failed. Then nothing of it is in the database.
//   - change may run more than once and has no effect outside the transaction. Callers that arrive
//     while a commit is under way share the next one, so change may see what earlier members of its
//     group wrote. Nobody hears a result, good or bad, before the group's commit.
//   - A member that fails, panics or ends its goroutine fails nobody else. Where the engine gives up
//     the whole transaction, the members run again one by one.
//   - change does not see the caller's cancellation. A caller cancelled before its turn is not run;
//     one whose turn has come is waited for.
//   - A commit that did not happen is [fault.Unavailable]: try again. One of which nobody knows whether
//     it happened is [fault.Unknown]: repeat it with the same idempotency key.
//   - Within change's ctx a further Do, Read or Query of the same database joins it; one of another module's
//     database is refused, because nobody can commit two databases together.
//
// Reads are [DB.Read]: one snapshot, beside the writer, never waiting for it. A single SELECT is one by itself and
// needs no transaction: [DB.Query].
//
//	callers ──▶ queue ──▶ BEGIN · change of every member · batches of all · COMMIT ──▶ AfterCommit ──▶ callers
//	                       └─ somebody fails: ROLLBACK, and again with a savepoint per member
//
// What every member writes in the same way, such as its events, goes into a [Batch] and is written once
// for the whole group. Members that say what they lock run in that order ([Placed]).
//
// # Engines
//
// SQLite is the embedded one: a file per module, which one process has for itself, one writer connection
// and several readers. Who writes is alone.
//
// PostgreSQL and MySQL, which is also MariaDB, keep a schema and a role per module, which several processes
// may have open, each with two writer connections and two to four readers. Each process is an instance, and
// what one leaves that is gone another takes over ([DB.Owned]). Who writes is not alone:
//
//   - A unit of work sees what others have committed before each of its statements (READ COMMITTED). What
//     it read is still so at its commit only where it locked the row, or took a name from package guard.
//   - One that runs into another, as in a deadlock, runs again, up to ten times.
//   - A connection that is lost in the middle is fault.Unavailable; one that is lost while it commits is
//     fault.Unknown.
//   - PostgreSQL and SQLite undo a migration that was interrupted. MySQL cannot: there it is run again, and
//     is written so that it can be.
//   - A text that ends in spaces is the same key as one without them on MySQL, and on no other. PostgreSQL
//     keeps no NUL in a text: see [Text].
//
// What differs between engines is behind the engine interface, and migrations lie in a folder per dialect.
//
// Callers share commits on all of them. How many groups are written at a time was measured, on two
// processors with the server beside the shop: units of two inserts per second by BenchmarkDo with 128 callers
// (medians of 3), and the shop under `pangaea bench` (medians of 5, with four of 2).
//
//	writers   MariaDB   PostgreSQL   orders   checkouts   p50, p99 at 100/s   commits per checkout
//	      1     6,090        6,370    210/s       126/s       404 ms, 0.7 s                    2.5
//	      2    11,320        9,850    246/s       126/s       431 ms, 0.8 s                    4.9
//	      4    13,520       13,750    286/s        97/s       611 ms, 1.3 s                    8.9
//
// More writers answer more orders and leave less of the processors for finishing them, and groups that want
// the same rows in another order stop each other: PostgreSQL notices that after a second (deadlock_timeout),
// and the members run again singly. Two it is, and not one, because a server elsewhere makes every statement
// of a single writer wait. On SQLite nothing but one is possible.
package database

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A DB is the database of one module. Nobody else reads or writes it.
type DB struct {
	name      string
	engine    engine
	orm       *gorm.DB // without a connection of its own: Do and Read give it one
	writer    *committer
	instances *instances     // nil where nobody else can have it open
	users     sync.WaitGroup // reads under way
	mu        sync.Mutex
	closed    bool
	fence     atomic.Pointer[Fenced] // nil unless the module has moved away since we opened it
}

// Options say where a module's database is and what its schema should be.
type Options struct {
	Dir        string // folder of the embedded file, where URL is empty
	URL        string // of the database on a server, postgres://… or mysql://…; empty: an embedded file
	MigrateURL string // the same database for who may change its schema; empty: as URL
	Setting    string // where the URLs were written, for whoever has to mend them; may be empty
	Migrations fs.FS  // the module's own migrations: a folder per dialect
}

// owner is the URL of who may change the schema.
func (o Options) owner() string { return cmp.Or(o.MigrateURL, o.URL) }

// whose is the named module and its settings, for messages.
func (o Options) whose(name string) string {
	if o.Setting == "" {
		return name
	}
	return name + " (" + o.Setting + ")"
}

// Open opens the named module's database and brings its schema, and that of the platform's tables in it, up
// to date. For a server that is starting, cannot be reached or has no connection free it waits a minute.
func Open(ctx context.Context, name string, o Options) (*DB, error) {
	if o.URL == "" {
		return open(ctx, name, o)
	}
	return patiently(ctx, name, func() (*DB, error) { return open(ctx, name, o) })
}

func open(ctx context.Context, name string, o Options) (*DB, error) {
	e, err := openEngine(ctx, name, o)
	if err != nil {
		return nil, fmt.Errorf("open the database of %s: %w", o.whose(name), err)
	}
	orm, err := openORM(e)
	if err != nil {
		return nil, fmt.Errorf("open the database of %s: %w", name, errors.Join(err, e.close()))
	}
	db := &DB{name: name, engine: e, orm: orm}
	if s, shared := e.(*server); shared {
		db.instances = newInstances(db, s)
	}
	db.writer = newCommitter(db)
	return db, nil
}

// Name is the module's name.
func (db *DB) Name() string { return db.name }

// Close waits for the units of work under way and closes the database.
func (db *DB) Close() error {
	db.mu.Lock()
	already := db.closed
	db.closed = true
	db.mu.Unlock()
	if already {
		return nil
	}
	db.writer.stop()
	db.users.Wait()
	if db.instances != nil {
		db.instances.leave()
	}
	return db.engine.close()
}

// enter counts a read in, unless the database is closed or the module has moved away.
func (db *DB) enter() error {
	if err := db.gone(); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return db.errClosed()
	}
	db.users.Add(1)
	return nil
}

// gone returns an error if the module has moved away since we opened its database.
func (db *DB) gone() error {
	if f := db.fence.Load(); f != nil {
		return fault.New(fault.Unavailable, "%w", f)
	}
	return nil
}

func (db *DB) errClosed() error {
	return fault.New(fault.Unavailable, "the database of %s is closed", db.name)
}

// Attach opens the named module's database for Do and Read beside a process that may be running on it: it
// takes no lock and migrates nothing. It is fault.NotFound if there is no such database, and an error if
// its schema is not the one that this program knows.
func Attach(ctx context.Context, name string, o Options) (*DB, error) {
	readOnly, err := OpenReadOnly(ctx, name, o)
	if err != nil {
		return nil, err
	}
	if err := readOnly.Close(); err != nil {
		return nil, err
	}
	return Open(ctx, name, o)
}
