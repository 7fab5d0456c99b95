package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A server is a schema on PostgreSQL or MySQL that other processes may be using as well. Units of work lock
// the rows they change, and see what others have committed since (READ COMMITTED); reads have one snapshot.
type server struct {
	grammar
	name             string
	writing, reading *sql.DB
}

// A grammar is what differs between the servers.
type grammar interface {
	// connect returns the connections to what url names, size of them at most, whose transactions are isolated so.
	connect(url, name string, size int, level isolation) (*sql.DB, error)
	// migrating begins a migration that nobody else is running, and returns where its statements go. end
	// makes it durable or, after an error, undoes what can be undone.
	migrating(ctx context.Context, url, name string) (to statementRunner, end func(error) error, err error)
	// settings returns a warning for each setting of the server that makes a commit less than durable.
	settings(ctx context.Context, db *sql.DB) ([]string, error)
	// now is the server's clock in SQL, in microseconds since 1970.
	now() string
	// some are so many of the rows that a condition is true of, to be updated.
	some(table *gorm.DB, n int, condition string, args ...any) *gorm.DB
	classify(err error) class
	speaker(db *sql.DB) gorm.Dialector
}

// isolation is the isolation of transactions as SQL spells it.
type isolation string

const (
	readCommitted  isolation = "READ COMMITTED"  // who has waited for a lock sees what was committed meanwhile
	repeatableRead isolation = "REPEATABLE READ" // one snapshot
)

// A class is what an engine's error means for whoever gets it.
type class int

const (
	ordinary  class = iota // of the statement: such as a key that is there twice
	collision              // with another transaction, which may be gone the next time
	spoilt                 // the transaction has failed before
	full                   // no room on the server
	refused                // who we are may not do that
	away                   // the server cannot be reached, or is not ready
	missing                // there is no such database
)

// readers is how many reads a module has under way at a time.
var readers = min(4, max(2, runtime.NumCPU()))

func openServer(name string, dialect Dialect, o Options) (*server, error) {
	var g grammar = mysqlGrammar{}
	if dialect == Postgres {
		g = postgresGrammar{}
	}
	s := &server{grammar: g, name: name}
	var err error
	if s.writing, err = g.connect(o.URL, name, s.writers(), readCommitted); err != nil {
		return nil, err
	}
	if s.reading, err = g.connect(o.URL, name, readers, repeatableRead); err != nil {
		return nil, errors.Join(err, s.writing.Close())
	}
	return s, nil
}

// migrate brings the schema up to date, as the role that may, unless it has moved. It creates the schema where it
// is missing.
func (s *server) migrate(ctx context.Context, o Options) error {
	if err := unfenced(ctx, s.reading, s.name); err != nil && s.classify(err) != missing {
		return err
	}
	return s.upgrade(ctx, o)
}

// upgrade runs what is missing, also behind a fence.
func (s *server) upgrade(ctx context.Context, o Options) error {
	dialect, _ := o.Dialect()
	due, err := pending(ctx, s.reading, dialect, o.Migrations)
	if s.classify(err) == missing {
		due, err = true, nil
	}
	if err != nil || !due {
		return err
	}
	to, end, err := s.migrating(ctx, o.owner(), s.name)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := end(migrateUp(ctx, to, dialect, o.Migrations)); err != nil {
		return err
	}
	warnings, err := s.settings(ctx, s.reading)
	for _, w := range warnings {
		slog.WarnContext(ctx, "a setting of the database server puts what was acknowledged at risk", "module", s.name, "setting", w)
	}
	return err
}

func (s *server) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.transaction(ctx, s.writing, nil)
	return tx, s.explain(err)
}

func (s *server) read(ctx context.Context) (*sql.Tx, error) {
	return s.transaction(ctx, s.reading, &sql.TxOptions{ReadOnly: true})
}

// query may ask again where the connection was lost in the middle: nothing is changed.
func (s *server) query(ask func(*sql.DB) error) error {
	return s.fresh(s.reading, func() error { return ask(s.reading) })
}

func (s *server) transaction(ctx context.Context, pool *sql.DB, o *sql.TxOptions) (tx *sql.Tx, err error) {
	err = s.fresh(pool, func() (err error) { tx, err = pool.BeginTx(ctx, o); return err })
	return tx, err
}

// fresh does something on a connection that is still one: those in the pool may have been lost since they were used,
// all of them where the server was started anew. What somebody has stopped on purpose is not done again.
func (s *server) fresh(pool *sql.DB, do func() error) (err error) {
	for range pool.Stats().Idle + 1 {
		stopped := (*pgconn.PgError)(nil)
		if err = do(); s.classify(err) != away || errors.As(err, &stopped) && stopped.Code == pgerrcode.QueryCanceled {
			break
		}
	}
	return err
}

// writers is how many groups are written at a time: see the package's comment for how it was chosen.
func (s *server) writers() int { return 2 }

func (s *server) reader() *sql.DB { return s.reading }

func (s *server) dialector() gorm.Dialector { return s.speaker(s.writing) }

func (s *server) close() error { return errors.Join(s.reading.Close(), s.writing.Close()) }

// commit commits. Whether it did is unknown where the connection was lost before the answer came.
func (s *server) commit(tx *sql.Tx) error {
	err := tx.Commit()
	if err == nil {
		return nil
	}
	switch s.classify(err) {
	case collision, spoilt:
		return errors.Join(errLost, err)
	case full, refused:
		return fault.New(fault.Unavailable, "the database of %s could not commit, nothing was done: %w", s.name, err)
	}
	if answer := (*pgconn.PgError)(nil); errors.As(err, &answer) && answer.Severity == "ERROR" {
		return errors.Join(errLost, err) // a deferred constraint: somebody's, and not everybody's
	}
	return fault.New(fault.Unknown, "the database of %s does not know whether it committed: %w", s.name, err)
}

func (s *server) collided(err error) bool {
	c := s.classify(err)
	return c == collision || c == spoilt
}

// explain makes errors that another moment would heal fault.Unavailable.
func (s *server) explain(err error) error {
	if _, known := fault.As(err); known || err == nil {
		return err
	}
	switch s.classify(err) {
	case collision:
		return fault.New(fault.Unavailable, "the database of %s is busy with the same things: %w", s.name, err)
	case full:
		return fault.New(fault.Unavailable, "the disk of the database of %s is full: %w", s.name, err)
	case away:
		return fault.New(fault.Unavailable, "the database of %s cannot be reached: %w", s.name, err).After(time.Second)
	case missing:
		return fault.New(fault.NotFound, "there is no database for %s: create it, or have pangaea database prepare do so: %w", s.name, err)
	case refused:
		return fmt.Errorf("the database of %s does not let us: %w", s.name, err)
	}
	return err
}

func (s *server) blame(lost error) error {
	if s.classify(lost) == spoilt {
		return fmt.Errorf("a statement of the transaction had failed before, and nobody minded: %w", lost)
	}
	if err := s.explain(lost); fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.New(fault.Unavailable, "the database of %s gave the transaction up: %w", s.name, lost)
}
