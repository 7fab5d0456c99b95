package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Target is where a module is to move to. OpenTarget only looks; [Target.Begin] has rows on their way, and the module
// cannot be opened there before [Target.Activate].
type Target struct {
	*end
	fence    *Fenced
	occupied string // what is there, if it is not empty
	tables   []table
}

// OpenTarget looks at a place, and changes nothing there. What cannot be reached is an error, and so is a schema that
// this program does not know.
func OpenTarget(ctx context.Context, name string, o Options) (_ *Target, failed error) {
	e, err := newEnd(name, o)
	if err != nil {
		return nil, err
	}
	t := &Target{end: e}
	defer func() {
		if failed != nil {
			failed = errors.Join(e.explain(failed), t.Close())
		}
	}()
	if t.dialect == SQLite {
		return t, t.lookAtFile(ctx)
	}
	err = t.connect(ctx, readCommitted)
	if t.dialect == MySQL && t.server.classify(err) == missing { // it will be created
		err = t.pool.Close()
		t.pool = nil
		return t, err
	}
	if err != nil {
		return nil, err
	}
	if err := t.alone(ctx, t.conn); err != nil {
		return nil, err
	}
	return t, t.look(ctx, t.conn)
}

// lookAtFile looks at a file, if there is one in the folder, if there is one.
func (t *Target) lookAtFile(ctx context.Context) error {
	if _, err := os.Stat(t.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := t.lock(); err != nil {
		return err
	}
	if !exists(t.file()) {
		return nil
	}
	return onFile(t.file(), "ro", func(db *sql.DB) error { return t.look(ctx, db) })
}

// look finds out what is there.
func (t *Target) look(ctx context.Context, db querier) (err error) {
	if err := unfenced(ctx, db, t.name); err != nil && !errors.As(err, &t.fence) {
		return err
	}
	if _, err := pending(ctx, db, t.dialect, t.Migrations); err != nil {
		return err
	}
	if t.tables, err = readTables(ctx, db, t.porter); err != nil {
		return err
	}
	for _, there := range t.tables {
		var rows int64
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+t.quote(there.name)).Scan(&rows); err != nil {
			return err
		}
		if rows > 0 {
			t.occupied = fmt.Sprintf("%s has %d rows", there.name, rows)
			return nil
		}
	}
	return nil
}

// Fence is what keeps the place from being opened, or nil.
func (t *Target) Fence() *Fenced { return t.fence }

// Occupied says what is in the place, or nothing if it is empty.
func (t *Target) Occupied() string { return t.occupied }

// Begin creates what is missing, puts up the fence, and empties the tables of whatever an earlier attempt has left.
func (t *Target) Begin(ctx context.Context, move, from string) error {
	return t.explain(t.begin(ctx, &Fenced{Module: t.name, State: Standby, Move: move, Place: from}))
}

func (t *Target) begin(ctx context.Context, f *Fenced) (err error) {
	if err := t.prepare(ctx); err != nil {
		return err
	}
	tx, err := t.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := f.putUp(ctx, tx, t.bind); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	t.fence = f
	if t.tables, err = readTables(ctx, t.conn, t.porter); err != nil {
		return err
	}
	if err := t.open(ctx, t.conn); err != nil {
		return err
	}
	return t.clear(ctx, t.conn, t.tables)
}

// prepare brings the schema up to date and signs in.
func (t *Target) prepare(ctx context.Context) (err error) {
	if t.dialect != SQLite {
		if err := t.server.upgrade(ctx, t.Options); err != nil || t.conn != nil {
			return err
		}
		return t.connect(ctx, readCommitted)
	}
	if t.folder == nil {
		if t.folder, err = LockDir(t.Dir); err != nil {
			return err
		}
	}
	if exists(t.file()) {
		if err := os.Chmod(t.file(), 0o600); err != nil { // an old copy is for nobody to write
			return err
		}
	}
	if t.pool, err = writeFile(ctx, t.file()); err != nil {
		return err
	}
	if err := (&sqliteEngine{name: t.name, writing: t.pool}).migrate(ctx, t.Migrations); err != nil {
		return err
	}
	t.conn, err = t.pool.Conn(ctx)
	return err
}

// Verify reads what has arrived, as who will work on it, and returns an error if it is not what was sent.
func (t *Target) Verify(ctx context.Context, sent []Content, told func(rows int)) error {
	var db querier = t.conn
	if t.dialect != SQLite {
		db = t.server.reading
	}
	for _, s := range sent {
		at := slices.IndexFunc(t.tables, func(there table) bool { return there.name == s.Table })
		var arrived Sum
		err := t.tables[at].rowsOf(ctx, db, t.porter, func(r row) error {
			arrived.add(r)
			told(1)
			return nil
		})
		if err != nil {
			return t.explain(err)
		}
		if arrived != s.Sum {
			return fault.New(fault.Internal, "%s has %d rows with the digest %s, and %d rows with %s arrived",
				s.Table, s.Rows, s.Digest(), arrived.Rows, arrived.Digest())
		}
	}
	return nil
}

// Activate takes the fence down.
func (t *Target) Activate(ctx context.Context) (err error) {
	if t.conn == nil { // the rows arrived in an earlier run
		if err := t.prepare(ctx); err != nil {
			return t.explain(err)
		}
	}
	return t.explain(run(ctx, t.conn, "DELETE FROM fence"))
}

// Close leaves the place.
func (t *Target) Close() error { return t.close() }
