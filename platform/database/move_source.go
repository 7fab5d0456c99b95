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

// A Source is the database of a module that is being moved away. From OpenSource to Close nobody writes to it, so
// whatever is read from it is one state. [Source.Release] ends it in that state.
type Source struct {
	*end
	tx     *sql.Tx
	tables []table
}

// OpenSource takes hold of the named module's database. It is fault.NotFound if there is none, a *Fenced error if the
// module has moved from there, and another error if it is running or its schema is not the one this program knows.
func OpenSource(ctx context.Context, name string, o Options) (_ *Source, failed error) {
	e, err := newEnd(name, o)
	if err != nil {
		return nil, err
	}
	s := &Source{end: e}
	defer func() {
		if failed != nil {
			failed = errors.Join(e.explain(failed), s.Close())
		}
	}()
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	if err := unfenced(ctx, s.conn, name); err != nil {
		return nil, err
	}
	if err := current(ctx, s.conn, s.dialect, o.Migrations); err != nil {
		return nil, err
	}
	if err := s.alone(ctx, s.conn); err != nil {
		return nil, err
	}
	if s.tables, err = readTables(ctx, s.conn, s.porter); err != nil {
		return nil, err
	}
	if s.tx, err = s.conn.BeginTx(ctx, nil); err != nil {
		return nil, err
	}
	return s, s.hold(ctx, s.tx, s.tables)
}

// take opens a database that has to be there.
func (s *Source) take(ctx context.Context) (err error) {
	if s.dialect != SQLite {
		level := readCommitted
		if s.dialect == MySQL {
			level = serializable
		}
		return s.connect(ctx, level)
	}
	if _, err := os.Stat(s.file()); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "there is no file %s", s.file())
	}
	if err := s.lock(); err != nil {
		return err
	}
	if err := unfencedFile(ctx, s.file(), s.name); err != nil {
		if f := (*Fenced)(nil); errors.As(err, &f) && f.State == Released {
			return errors.Join(err, retireFile(s.file())) // a move may have ended before it did so
		}
		return err
	}
	if s.pool, err = handle(s.file(), 1, writes); err != nil {
		return err
	}
	s.conn, err = s.pool.Conn(ctx)
	return err
}

// Suits returns an error if there are tables at the target that the module has not.
func (s *Source) Suits(t *Target) error {
	for _, there := range t.tables {
		if !slices.ContainsFunc(s.tables, func(own table) bool { return own.name == there.name }) {
			return fmt.Errorf("%s has a table %s, which is not one of %s: give a place of its own", t.where, there.name, s.name)
		}
	}
	return nil
}

// A Content is what there is in a table.
type Content struct {
	Table string
	Bytes int64 // of its values, about
	Last  int64 // number that it has given out, where it numbers its rows
	Sum
}

// Rows is how many there are.
func (s *Source) Rows(ctx context.Context) (all int64, err error) {
	for _, t := range s.tables {
		var rows int64
		if err := s.tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+s.quote(t.name)).Scan(&rows); err != nil {
			return 0, s.explain(err)
		}
		all += rows
	}
	return all, nil
}

// Survey reads everything, and returns an error if there is anything that a dialect cannot hold. told hears of rows.
func (s *Source) Survey(ctx context.Context, in Dialect, told func(rows int)) (contents []Content, err error) {
	for _, t := range s.tables {
		content := Content{Table: t.name}
		err := t.rowsOf(ctx, s.tx, s.porter, func(r row) error {
			for i, c := range r {
				if why := c.unfit(t.columns[i].kind, in); why != "" {
					return fmt.Errorf("%s cannot be moved: its %s %s", r.named(t), t.columns[i].name, why)
				}
				content.Bytes += 8 + int64(len(c.bytes))
			}
			content.add(r)
			told(1)
			return nil
		})
		if err != nil {
			return nil, s.explain(err)
		}
		if content.Last, err = s.last(ctx, t); err != nil {
			return nil, s.explain(err)
		}
		contents = append(contents, content)
	}
	return contents, nil
}

// last is the last number that a table has given out, also to a row that is gone.
func (s *Source) last(ctx context.Context, t table) (int64, error) {
	if t.counter() == "" {
		return 0, nil
	}
	var highest int64
	query := "SELECT COALESCE(MAX(" + s.quote(t.counter()) + "), 0) FROM " + s.quote(t.name)
	if err := s.tx.QueryRowContext(ctx, query).Scan(&highest); err != nil {
		return 0, err
	}
	counted, err := s.counted(ctx, s.tx, t)
	return max(highest, counted), err
}

// Release puts up the fence: from now on this is the old copy, and the module is where the move has brought it.
// Where it fails without ErrUndecided, the module is still here.
func (s *Source) Release(ctx context.Context, move, to string) error {
	if err := s.alone(ctx, s.tx); err != nil {
		return fmt.Errorf("it was started while it moved: %w", err)
	}
	f := Fenced{Module: s.name, State: Released, Move: move, Place: to}
	if err := errors.Join(f.putUp(ctx, s.tx, s.bind), s.shut(ctx, s.tx, s.tables)); err != nil {
		return s.explain(err)
	}
	if err := s.tx.Commit(); err != nil {
		return fmt.Errorf("%w: %w", ErrUndecided, err)
	}
	if s.dialect != SQLite {
		return nil
	}
	_ = run(ctx, s.conn, "PRAGMA journal_mode = DELETE") // one file, with no log beside it, unless somebody is reading
	return retireFile(s.file())
}

// ErrUndecided is in the error of a move whose last word may have been heard or not. Moved again it goes on from there.
var ErrUndecided = errors.New("nobody knows whether it has moved")

// retireFile makes an old copy one that is not written by mistake.
func retireFile(path string) error { return os.Chmod(path, 0o400) }

// Close lets the database go. If it was not released it is as it was.
func (s *Source) Close() error {
	if s.tx != nil {
		_ = s.tx.Rollback() // does nothing after a commit
	}
	return s.close()
}
