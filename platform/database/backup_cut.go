package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A cut is every database of a folder as all of them were at one instant. Nobody is kept from writing:
//
//	look at every file ─▶ begin to read those that have changed ─▶ look again ─▶ … until none has changed
//
// Between two looks at all files without a change in any there was an instant at which each was as it is
// read: the state of the whole shop that a power cut would have left just then. What is written afterwards
// goes to the files' write-ahead logs, which are not emptied before the copies are made.
type cut struct {
	dir   string
	files []*cutFile
	at    time.Time
}

// A cutFile has two connections to a database: one sees it as it was, the other what has become of it.
type cutFile struct {
	module, path    string
	pool            *sql.DB
	reader, watcher *sql.Conn
	look            *sql.Stmt
	seen            int64 // at the last look
	reading         bool

	// What it was when it was cut.
	set      Set
	pages    int
	versions Versions
}

// openCut opens the databases of these modules in a folder, where a shop may be running.
func openCut(ctx context.Context, dir string, modules []string) (*cut, error) {
	c := &cut{dir: dir}
	for _, module := range slices.Sorted(slices.Values(modules)) {
		f := &cutFile{module: module, path: filepath.Join(dir, module+".db")}
		c.files = append(c.files, f)
		if err := f.open(ctx); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

func (f *cutFile) open(ctx context.Context) error {
	if _, err := os.Stat(f.path); err != nil {
		return err
	}
	var err error
	if f.pool, err = openFile(f.path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)"}}); err != nil {
		return err
	}
	if f.reader, err = f.pool.Conn(ctx); err != nil {
		return f.explain(err)
	}
	if f.watcher, err = f.pool.Conn(ctx); err != nil {
		return f.explain(err)
	}
	// The engine counts for each connection the commits of others that it has noticed.
	f.look, err = f.watcher.PrepareContext(ctx, "PRAGMA data_version")
	return f.explain(err)
}

func (f *cutFile) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read %s: %w", f.path, (&sqliteEngine{name: f.module}).explain(err))
}

// maxSearch is how long an instant is searched for. It takes a millisecond where nobody writes, and some
// more on a busy shop: a round is shorter than the pauses between the commits of all modules.
const maxSearch = 30 * time.Second

// take makes the cut.
func (c *cut) take(ctx context.Context) error {
	for deadline := time.Now().Add(maxSearch); ; {
		c.at = time.Now().UTC()
		var changed []*cutFile
		for _, f := range c.files {
			before := f.seen
			if err := f.look.QueryRowContext(ctx).Scan(&f.seen); err != nil {
				return f.explain(err)
			}
			if f.seen != before || !f.reading {
				changed = append(changed, f)
			}
		}
		if len(changed) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fault.New(fault.Unavailable, "%s is written to all the time: in %s there was no instant at which it was not", c.dir, maxSearch)
		}
		for _, f := range changed {
			if err := f.freeze(ctx); err != nil {
				return f.explain(err)
			}
		}
	}
}

// freeze begins to read the file as it is now.
func (f *cutFile) freeze(ctx context.Context) error {
	if f.reading {
		if _, err := f.reader.ExecContext(ctx, "ROLLBACK"); err != nil {
			return err
		}
		f.reading = false
	}
	if _, err := f.reader.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	f.reading = true
	return f.reader.QueryRowContext(ctx, "PRAGMA user_version").Scan(&f.set) // the first that is read decides
}

// describe finds out what the file is, as it is read. An old copy is no part of a shop.
func (f *cutFile) describe(ctx context.Context) error {
	if err := unfenced(ctx, f.reader, f.module); err != nil {
		return f.explain(err)
	}
	for query, to := range map[string]any{
		"PRAGMA page_count":                       &f.pages,
		"SELECT version FROM platform_migrations": &f.versions.Platform,
		"SELECT version FROM schema_migrations":   &f.versions.Module,
	} {
		err := f.reader.QueryRowContext(ctx, query).Scan(to)
		if errors.Is(err, sql.ErrNoRows) || err != nil && strings.Contains(err.Error(), "no such table") {
			return fmt.Errorf("%s has no schema yet: start the shop first", f.path)
		} else if err != nil {
			return f.explain(err)
		}
	}
	return nil
}

// close lets the file go.
func (f *cutFile) close() error {
	if f.pool == nil {
		return nil
	}
	var failed []error
	if f.look != nil {
		failed = append(failed, f.look.Close())
	}
	for _, conn := range []*sql.Conn{f.reader, f.watcher} {
		if conn != nil {
			failed = append(failed, conn.Close())
		}
	}
	failed = append(failed, f.pool.Close()) // which ends what is being read
	f.pool = nil
	return errors.Join(failed...)
}

func (c *cut) close() error {
	var failed []error
	for _, f := range c.files {
		failed = append(failed, f.close())
	}
	return errors.Join(failed...)
}
