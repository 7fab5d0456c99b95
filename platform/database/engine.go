package database

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// An engine is what differs between SQLite, PostgreSQL and MySQL.
type engine interface {
	// begin opens the transaction of a group of writers.
	begin(ctx context.Context) (*sql.Tx, error)
	// commit makes tx durable. Where it did not, the error says whether that is known.
	commit(tx *sql.Tx) error
	// writers is how many groups are written at a time.
	writers() int
	// read opens a transaction of one snapshot that cannot write.
	read(ctx context.Context) (*sql.Tx, error)
	// query calls ask with the connections for reads, again where one was lost.
	query(ask func(*sql.DB) error) error
	// reader is the connections for reads.
	reader() *sql.DB
	// collided reports whether err says that a unit of work ran into another one, such as a deadlock, and
	// has lost its transaction without being to blame.
	collided(err error) bool
	// explain gives the engine's own errors a kind, and leaves others as they are.
	explain(err error) error
	// blame says what a transaction was lost to.
	blame(lost error) error
	// dialector speaks the engine's SQL.
	dialector() gorm.Dialector
	close() error
}

// openEngine opens the database that o names and brings its schema up to date.
func openEngine(ctx context.Context, name string, o Options) (engine, error) {
	dialect, err := o.Dialect()
	switch {
	case err != nil:
		return nil, err
	case dialect == SQLite:
		return openSQLite(ctx, o.Dir, name, o.Migrations)
	}
	e, err := openServer(name, dialect, o)
	if err != nil {
		return nil, err
	}
	if err := e.migrate(ctx, o); err != nil {
		return nil, errors.Join(e.explain(err), e.close())
	}
	return e, nil
}

// openORM prepares GORM: no transactions and no output of its own.
func openORM(e engine) (*gorm.DB, error) {
	orm, err := gorm.Open(e.dialector(), &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		NowFunc:                func() time.Time { return time.Now().UTC() },
		Logger:                 slowLog{logger.Discard},
	})
	if err != nil {
		return nil, err
	}
	return orm, noteCollisions(orm, e)
}

// slow is what a single statement should not take.
const slow = 200 * time.Millisecond

// A slowLog tells about slow statements and is silent otherwise.
type slowLog struct{ logger.Interface }

// LogMode changes nothing: there is one mode.
func (l slowLog) LogMode(logger.LogLevel) logger.Interface { return l }

// Trace is told about every statement.
func (l slowLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	took := time.Since(begin)
	if took < slow || errors.Is(err, context.Canceled) {
		return
	}
	text, rows := statement()
	slog.WarnContext(ctx, "slow statement", "took", took, "rows", rows, "sql", text)
}

// ParamsFilter keeps values out of the log: they may be personal.
func (l slowLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}
