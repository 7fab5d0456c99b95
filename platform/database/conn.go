package database

import (
	"context"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// maxStatements bounds how many prepared statements a connection keeps.
const maxStatements = 256

// connector opens connections that keep their prepared statements and know the state of their transaction.
type connector struct {
	driver.Connector
}

func newConnector(dsn string) (*connector, error) {
	c, err := sqlite.NewConnector(dsn)
	return &connector{Connector: c}, err
}

// Connect opens a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	own := &conn{sqliteConn: inner.(sqliteConn), idle: map[string]driver.Stmt{}}
	own.RegisterRollbackHook(func() { own.lost = true })
	return own, nil
}

// sqliteConn is what the engine's connection can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	sqlite.HookRegisterer
}

// A conn is one connection. After an error SQLite may roll the whole transaction back; further statements
// would then commit by themselves, one by one. The engine tells us (the hook above), and we refuse them.
type conn struct {
	sqliteConn
	idle  map[string]driver.Stmt // prepared and not in use, by their text
	inTx  bool
	lost  bool  // the transaction was rolled back
	cause error // by this
}

// take returns the prepared statement for query, and nobody else has it.
func (c *conn) take(ctx context.Context, query string) (driver.Stmt, error) {
	if c.inTx && c.lost {
		return nil, errors.Join(errLost, c.cause)
	}
	if s, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return s, nil
	}
	return c.PrepareContext(ctx, query)
}

// give puts a statement back. Where there are too many, any of them goes: those that are used again and again are
// soon back, and those of lengths that never come again do not stay.
func (c *conn) give(query string, s driver.Stmt) {
	if _, twice := c.idle[query]; twice {
		_ = s.Close()
		return
	}
	for other, idle := range c.idle {
		if len(c.idle) < maxStatements {
			break
		}
		_ = idle.Close()
		delete(c.idle, other)
	}
	c.idle[query] = s
}

// noticed remembers err if it cost the transaction.
func (c *conn) noticed(err error) error {
	if err != nil && c.inTx && c.lost && c.cause == nil {
		c.cause = err
	}
	return err
}

// ExecContext runs a statement.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	defer c.give(query, s)
	r, err := s.(driver.StmtExecContext).ExecContext(ctx, args)
	return r, c.noticed(err)
}

// QueryContext runs a query.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		c.give(query, s)
		return nil, c.noticed(err)
	}
	return &rows{sqliteRows: r.(sqliteRows), done: func() { c.give(query, s) }}, nil
}

// Close closes the connection with its statements.
func (c *conn) Close() error {
	for _, s := range c.idle {
		_ = s.Close()
	}
	c.RegisterRollbackHook(nil)
	return c.sqliteConn.Close()
}

// sqliteRows is what the engine's rows can do.
type sqliteRows interface {
	driver.RowsColumnTypeScanType
	driver.RowsColumnTypeDatabaseTypeName
}

// rows give their statement back when they are closed.
type rows struct {
	sqliteRows
	done func()
}

// Close ends the query.
func (r *rows) Close() error {
	err := r.sqliteRows.Close()
	if r.done != nil {
		r.done()
		r.done = nil
	}
	return err
}
