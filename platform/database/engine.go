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
	// reader gives transactions that cannot write.
	reader() *sql.DB
	// explain gives the engine's own errors a kind, and leaves others as they are.
	explain(err error) error
	// blame says what a transaction was lost to.
	blame(lost error) error
	// dialector speaks the engine's SQL.
	dialector() gorm.Dialector
	close() error
}

// openORM prepares GORM: no transactions and no output of its own.
func openORM(e engine) (*gorm.DB, error) {
	return gorm.Open(e.dialector(), &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		NowFunc:                func() time.Time { return time.Now().UTC() },
		Logger:                 slowLog{logger.Discard},
	})
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
