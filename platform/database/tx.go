package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// BeginTx opens a transaction: of a writer, which waits for its turn here and not at its first write, or
// of a reader.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	begin := "BEGIN IMMEDIATE"
	if o.ReadOnly {
		begin = "BEGIN"
	}
	if err := c.command(ctx, begin); err != nil {
		return nil, err
	}
	c.inTx, c.lost, c.cause = true, false, nil
	return transaction{c}, nil
}

func (c *conn) command(ctx context.Context, query string) error {
	_, err := c.ExecContext(ctx, query, nil)
	return err
}

// A transaction ends the transaction of its connection, exactly once.
type transaction struct{ c *conn }

// errRolledBack says that a commit did not happen, for certain.
var errRolledBack = errors.New("rolled back")

// Commit commits. A failure leaves no transaction open; errLost and errRolledBack in it mean that nothing
// was done.
func (t transaction) Commit() error {
	err := t.c.command(context.Background(), "COMMIT")
	if err != nil && !t.c.lost {
		// An engine that still has a transaction to roll back has not committed it.
		if t.c.command(context.Background(), "ROLLBACK") == nil {
			err = errors.Join(errRolledBack, err)
		}
	} else if err != nil {
		err = errors.Join(errRolledBack, err)
	}
	t.c.inTx = false
	return err
}

// Rollback rolls back, which an engine that has lost the transaction already did.
func (t transaction) Rollback() error {
	defer func() { t.c.inTx = false }()
	if t.c.lost {
		return nil
	}
	if err := t.c.command(context.Background(), "ROLLBACK"); err != nil {
		return fmt.Errorf("%w: %w", driver.ErrBadConn, err) // a connection in doubt is not used again
	}
	return nil
}
