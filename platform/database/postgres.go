package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// postgresGrammar speaks to PostgreSQL. A module's tables are in the schema that is named after it, or in
// the one that search_path in the URL names.
type postgresGrammar struct{}

// What every connection is set to, unless the URL says otherwise. Who waits for a lock for so long runs
// again; a process that has stopped in the middle of a transaction does not keep its locks.
var postgresSettings = map[string]string{
	"timezone":                            "UTC",
	"lock_timeout":                        "5s",
	"idle_in_transaction_session_timeout": "15s",
}

func (postgresGrammar) config(address, name string, level isolation) (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, unusable(address, err)
	}
	for key, value := range postgresSettings {
		if _, said := c.RuntimeParams[key]; !said {
			c.RuntimeParams[key] = value
		}
	}
	if _, said := c.RuntimeParams["search_path"]; !said {
		c.RuntimeParams["search_path"] = Schema(name)
	}
	if _, said := c.RuntimeParams["application_name"]; !said {
		c.RuntimeParams["application_name"] = "pangaea " + name
	}
	c.DialFunc = dialer.DialContext
	c.RuntimeParams["default_transaction_isolation"] = strings.ToLower(string(level))
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	return c, nil
}

// unusable says what is wrong with a URL that can be read, such as its parameters.
func unusable(address string, err error) error {
	var parse *pgconn.ParseConfigError
	if _, unread := url.Parse(address); unread == nil && errors.As(err, &parse) && parse.Unwrap() != nil {
		return fmt.Errorf("the database URL cannot be used: %w", parse.Unwrap())
	}
	return errMalformed
}

func (g postgresGrammar) connect(url, name string, size int, level isolation) (*sql.DB, error) {
	c, err := g.config(url, name, level)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(stdlib.GetConnector(*c))
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(time.Minute)
	return db, nil
}

func (g postgresGrammar) migrating(ctx context.Context, url, name string) (statementRunner, func(error) error, error) {
	db, err := g.connect(url, name, 1, readCommitted)
	if err != nil {
		return nil, nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	end := func(failed error) error {
		if failed == nil {
			failed = tx.Commit()
		} else {
			_ = tx.Rollback()
		}
		return errors.Join(failed, db.Close())
	}
	c, err := g.config(url, name, readCommitted)
	if err == nil {
		err = g.ready(ctx, tx, c.RuntimeParams["search_path"])
	}
	if err != nil {
		return nil, nil, end(err)
	}
	return tx, end, nil
}

// ready waits for whoever else is migrating the schema, and creates it where it is missing.
func (postgresGrammar) ready(ctx context.Context, tx *sql.Tx, schema string) error {
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "pangaea migrates "+schema); err != nil {
		return err
	}
	var there bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", schema).Scan(&there)
	if err == nil && !there {
		_, err = tx.ExecContext(ctx, "CREATE SCHEMA "+pgx.Identifier{schema}.Sanitize())
	}
	return err
}

func (postgresGrammar) settings(ctx context.Context, db *sql.DB) (warnings []string, err error) {
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := db.QueryRowContext(ctx, "SELECT current_setting($1)", setting).Scan(&value); err != nil {
			return warnings, err
		}
		if value == "off" {
			warnings = append(warnings, setting+" = off")
		}
	}
	return warnings, nil
}

func (postgresGrammar) now() string {
	return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"
}

// An UPDATE has no LIMIT here.
func (postgresGrammar) some(table *gorm.DB, n int, condition string, args ...any) *gorm.DB {
	found := table.Session(&gorm.Session{}).Select("ctid").Where(condition, args...).Limit(n)
	return table.Where("ctid = ANY(ARRAY(?))", found)
}

func (postgresGrammar) speaker(db *sql.DB) gorm.Dialector {
	return postgres.New(postgres.Config{Conn: db})
}

// classify goes by SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
func (postgresGrammar) classify(err error) class {
	var e *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return spoilt
	case !errors.As(err, &e):
		return unreachable(err)
	}
	switch {
	case e.Code == pgerrcode.DeadlockDetected, e.Code == pgerrcode.SerializationFailure, e.Code == pgerrcode.LockNotAvailable:
		return collision
	case e.Code == pgerrcode.InFailedSQLTransaction:
		return spoilt
	case e.Code == pgerrcode.InvalidCatalogName:
		return missing
	case e.Code == pgerrcode.InsufficientPrivilege, pgerrcode.IsInvalidAuthorizationSpecification(e.Code):
		return refused
	case e.Code == pgerrcode.TooManyConnections:
		return away
	case pgerrcode.IsInsufficientResources(e.Code):
		return full
	case pgerrcode.IsOperatorIntervention(e.Code), pgerrcode.IsConnectionException(e.Code),
		e.Code == pgerrcode.IdleInTransactionSessionTimeout, e.Code == pgerrcode.ReadOnlySQLTransaction:
		return away
	}
	return ordinary
}

func noPostgresTable(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == pgerrcode.UndefinedTable || e.Code == pgerrcode.InvalidSchemaName)
}

// unreachable tells errors of a connection from others.
func unreachable(err error) class {
	var network net.Error
	var connect *pgconn.ConnectError
	if errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) || errors.As(err, &connect) {
		return away
	}
	return ordinary
}
