package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An end is one of the two databases of a move. Nobody else moves anything to it or from it.
type end struct {
	porter
	Options
	name, where string
	dialect     Dialect
	folder      *Folder // of an embedded file
	server      *server
	pool        *sql.DB
	conn        *sql.Conn
}

func newEnd(name string, o Options) (*end, error) {
	dialect, err := o.Dialect()
	if err != nil {
		return nil, err
	}
	where, err := o.Where(name)
	e := &end{porter: porterOf(dialect), Options: o, name: name, where: where, dialect: dialect}
	if err == nil && dialect != SQLite {
		e.server, err = openServer(name, dialect, o)
	}
	return e, err
}

// file is the embedded one.
func (e *end) file() string { return filepath.Join(e.Dir, e.name+".db") }

// lock takes the folder of an embedded file, which has to be there.
func (e *end) lock() (err error) {
	if _, err := os.Stat(e.Dir); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	e.folder, err = LockDir(e.Dir)
	return err
}

// connect signs in on a server, as who may change the schema, and takes the lock of who moves.
func (e *end) connect(ctx context.Context, level isolation) (err error) {
	if e.pool, err = e.server.connect(e.owner(), e.name, 1, level); err != nil {
		return err
	}
	if e.conn, err = e.pool.Conn(ctx); err != nil {
		return err
	}
	return e.ready(ctx, e.conn)
}

// alone returns an error if a process works on the database. One that was killed is gone when its lease is over.
func (e *end) alone(ctx context.Context, db querier) error {
	if e.dialect == SQLite {
		return nil // its folder is ours
	}
	var alive int
	err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM instances WHERE alive_until > "+e.server.now()).Scan(&alive)
	if noTable(err) {
		return nil
	}
	if err == nil && alive > 0 {
		return fmt.Errorf("%s is running on %s, or did until %s ago: stop its processes (%d) first", e.name, e.where, lease, alive)
	}
	return err
}

func (e *end) explain(err error) error {
	if e.server != nil {
		return e.server.explain(err)
	}
	return (&sqliteEngine{name: e.name}).explain(err)
}

// Where names the database, without saying who signs in.
func (e *end) Where() string { return e.where }

// Dialect is what it speaks.
func (e *end) Dialect() Dialect { return e.dialect }

func (e *end) close() error {
	var failed []error
	if e.conn != nil {
		failed = append(failed, e.conn.Close())
	}
	if e.pool != nil {
		failed = append(failed, e.pool.Close())
	}
	if e.server != nil {
		failed = append(failed, e.server.close())
	}
	if e.folder != nil {
		failed = append(failed, e.folder.Close())
	}
	e.conn, e.pool, e.server, e.folder = nil, nil, nil, nil
	return errors.Join(failed...)
}

// soleMover takes the lock of who moves a database: the query says 1 if it is ours. It waits a little for somebody who
// has just left, or was killed: the server notices that when it comes to it.
func soleMover(ctx context.Context, conn *sql.Conn, lock string) error {
	const patience, again = 3 * time.Second, 50 * time.Millisecond
	for deadline := time.Now().Add(patience); ; {
		var ours int
		if err := conn.QueryRowContext(ctx, lock).Scan(&ours); err != nil || ours == 1 {
			return err
		}
		if time.Now().After(deadline) {
			return fault.New(fault.Unavailable, "somebody else is moving it")
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
