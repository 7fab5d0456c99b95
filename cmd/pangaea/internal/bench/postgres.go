package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A postgres is a PostgreSQL server on which we may create databases.
type postgres struct {
	url     *url.URL
	about   string // what it is, and how durable
	mine    bool   // its processes are on this machine and can be looked at
	created []string
}

// errAway says that there is no such server, or that it does not let us in.
var errAway = errors.New("no server can be reached")

// dialPostgres finds out whether there is such a server.
func dialPostgres(ctx context.Context, address string) (*postgres, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" {
		return nil, errors.New("the URL of the server is not like postgres://user:password@host:5432/name") // and may have a password in it
	}
	p := &postgres{url: u, mine: u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1"}
	err = p.administer(ctx, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, `SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)
			|| ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')`).Scan(&p.about)
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %s", errAway, strings.Join(strings.Fields(err.Error()), " ")) // in one line
	}
	return p, nil
}

// administer does something on the server that needs a connection for a moment.
func (p *postgres) administer(ctx context.Context, do func(*pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, p.url.String())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	return do(c)
}

// create makes an empty database and returns its URL.
func (p *postgres) create(ctx context.Context, name string) (string, error) {
	err := p.administer(ctx, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
		return err
	})
	if err != nil {
		return "", fmt.Errorf("create the database %s: %w", name, err)
	}
	p.created = append(p.created, name)
	u := *p.url
	u.Path = "/" + name
	return u.String(), nil
}

// drop drops what was created, also after ctx has ended.
func (p *postgres) drop(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	return p.administer(ctx, func(c *pgx.Conn) error {
		var errs []error
		for _, name := range p.created {
			_, err := c.Exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

// cpu is the processor time that the connections of a database have used so far; 0 where that cannot be seen.
func (p *postgres) cpu(ctx context.Context, name string) (sum time.Duration, err error) {
	if !p.mine {
		return 0, nil
	}
	var ids []int
	err = p.administer(ctx, func(c *pgx.Conn) error {
		rows, err := c.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE datname = $1", name)
		if err == nil {
			ids, err = pgx.CollectRows(rows, pgx.RowTo[int])
		}
		return err
	})
	for _, id := range ids {
		if program, _ := os.ReadFile(filepath.Join("/proc", fmt.Sprint(id), "comm")); strings.HasPrefix(string(program), "postgres") {
			sum += cpuOf(id)
		}
	}
	return sum, err
}
