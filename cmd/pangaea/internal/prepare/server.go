package prepare

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A server is one that we are an administrator of, and nobody else prepares at the moment.
type server interface {
	kind() string
	// limit is how long the name of a role may be.
	limit() int
	// place names what a module has here.
	place(name, schema string) *place
	// path is the database of a place's URLs.
	path(p *place) string
	// there reports whether there is a role.
	there(ctx context.Context, role string) (bool, error)
	// signIn tries an account's password, and returns an error if that is refused.
	signIn(ctx context.Context, a *account) error
	// apply brings the server to what the places say, or finds out what that would change.
	apply(ctx context.Context, places []*place, dry bool) ([]change, error)
	close() error
}

// A change is what happened to a place.
type change int

const (
	unchanged change = iota
	repaired         // rights were other than planned
	renewed          // passwords are new
	created
)

func connect(ctx context.Context, base *url.URL, name string) (server, error) {
	db, err := database.Administer(base.String())
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the administrator cannot sign in at %s: %w", base.Host, err), db.Close())
	}
	a := administrator{db: db, Conn: conn, base: base, name: name}
	var s interface {
		server
		ready(ctx context.Context) error
	} = &postgres{a}
	if kind, _ := (database.Options{URL: base.String()}).Dialect(); kind == database.MySQL {
		s = &mysql{administrator: a}
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// An administrator's connection holds the lock until it is closed.
type administrator struct {
	*sql.Conn
	db   *sql.DB
	base *url.URL
	name string
}

func (a administrator) close() error { return errors.Join(a.Close(), a.db.Close()) }

// ask returns the one value of a query.
func ask[T any](ctx context.Context, on interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, query string, args ...any,
) (value T, err error) {
	err = on.QueryRowContext(ctx, query, args...).Scan(&value)
	return value, err
}

// try signs in as somebody else, where the administrator does.
func (a administrator) try(ctx context.Context, who *account) error {
	u := addressed(a.base, strings.Trim(who.url.Path, "/"))
	u.User = url.UserPassword(who.role, who.password)
	db, err := database.Administer(u.String())
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}

// run runs one statement after the other.
func run(ctx context.Context, on interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, statements ...string,
) error {
	for _, statement := range statements {
		if _, err := on.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
