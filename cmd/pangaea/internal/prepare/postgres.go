package prepare

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// postgres has a database with a schema for each module.
type postgres struct{ administrator }

func (s *postgres) kind() string { return "PostgreSQL" }

func (s *postgres) limit() int { return 63 }

func (s *postgres) place(name, schema string) *place {
	role := name + "_" + schema
	return &place{schema: schema, runtime: account{role: role}, migrate: account{role: role + "_migrate"}}
}

func (s *postgres) path(*place) string { return s.name }

// ready takes the lock of who prepares, and finds out whether we may.
func (s *postgres) ready(ctx context.Context) error {
	_, err := s.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext('pangaea prepares'))") // lock_timeout ends the wait
	if refusal := (*pgconn.PgError)(nil); errors.As(err, &refusal) && refusal.Code == pgerrcode.LockNotAvailable {
		err = errBusy
	}
	if err != nil {
		return err
	}
	may, err := ask[bool](ctx, s, "SELECT rolsuper OR rolcreaterole AND (rolcreatedb OR EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)) "+
		"FROM pg_roles WHERE rolname = current_user", s.name)
	if err == nil && !may {
		err = errors.New("the administrator's URL is of a role that may not create roles and databases: give that of one that may")
	}
	if err != nil {
		return err
	}
	encoding, err := ask[string](ctx, s, "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = $1", s.name)
	if err == nil && encoding != "UTF8" {
		return fmt.Errorf("the database %s is there with the encoding %s: the shop needs UTF8, give another --name", s.name, encoding)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return err
}

func (s *postgres) there(ctx context.Context, role string) (bool, error) {
	return ask[bool](ctx, s, "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)", role)
}

func (s *postgres) signIn(ctx context.Context, a *account) error {
	err := s.try(ctx, a)
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) && !pgerrcode.IsInvalidAuthorizationSpecification(e.Code) {
		return nil // the password is right: something else is not, which we are here for
	}
	return err
}

// apply works in one transaction, so that all of it is done or nothing. The database comes first.
func (s *postgres) apply(ctx context.Context, places []*place, dry bool) (done []change, failed error) {
	isThere, err := ask[bool](ctx, s, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", s.name)
	switch {
	case err != nil:
		return nil, err
	case !isThere && dry:
		for range places {
			done = append(done, created)
		}
		return done, nil
	case !isThere:
		if err := run(ctx, s, "CREATE DATABASE "+quoted(s.name)+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
			return nil, err
		}
	}
	address := addressed(s.base, s.name)
	address.User = s.base.User
	db, err := database.Administer(address.String())
	if err != nil {
		return nil, err
	}
	defer func() { failed = errors.Join(failed, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	open, err := s.shut(ctx, tx)
	if err == nil {
		done, err = s.settle(ctx, tx, places)
	}
	if err != nil {
		return nil, err
	}
	for i := range done {
		if open {
			done[i] = max(done[i], repaired) // everybody could reach it
		}
	}
	if dry {
		return done, nil
	}
	return done, tx.Commit()
}

// settle sees to all roles and then to all schemas: what one may not touch is said of roles that are there.
func (s *postgres) settle(ctx context.Context, tx *sql.Tx, places []*place) (done []change, err error) {
	list := make([]*settlement, len(places))
	for i, p := range places {
		list[i] = &settlement{tx: tx, database: s.name, place: p, others: others(places, i)}
		if err := list[i].begin(ctx); err != nil {
			return nil, fmt.Errorf("prepare the roles of %s: %w", p.module, err)
		}
	}
	for _, one := range list {
		c, err := one.end(ctx)
		if err != nil {
			return nil, fmt.Errorf("prepare the schema of %s: %w", one.module, err)
		}
		done = append(done, c)
	}
	return done, nil
}

// shut takes the database from everybody who was not given it, and reports whether they had it.
func (s *postgres) shut(ctx context.Context, tx *sql.Tx) (was bool, err error) {
	const open = "SELECT has_database_privilege('public', current_database(), 'CONNECT, CREATE, TEMPORARY') " +
		"OR COALESCE(has_schema_privilege('public', to_regnamespace('public'), 'CREATE'), FALSE)"
	if was, err = ask[bool](ctx, tx, open); err != nil || !was {
		return false, err
	}
	if err := run(ctx, tx, "REVOKE ALL ON DATABASE "+quoted(s.name)+" FROM PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC"); err != nil {
		return was, err
	}
	still, err := ask[bool](ctx, tx, open)
	if err == nil && still {
		err = fmt.Errorf("the database %s stays open to everybody: prepare it as its owner", s.name)
	}
	return was, err
}

func others(places []*place, but int) (roles []string) {
	for i, p := range places {
		if i != but {
			roles = append(roles, quoted(p.runtime.role), quoted(p.migrate.role))
		}
	}
	return roles
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

func list(names []string) string { return strings.Join(names, ", ") }
