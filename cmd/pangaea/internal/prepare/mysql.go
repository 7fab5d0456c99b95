package prepare

import (
	"context"
	"errors"
	"fmt"
	"strings"

	driver "github.com/go-sql-driver/mysql"
)

// mysql is MySQL or MariaDB, with a database for each module.
type mysql struct {
	administrator
	version string
}

func (s *mysql) maria() bool { return strings.Contains(s.version, "MariaDB") }

func (s *mysql) kind() string {
	if s.maria() {
		return "MariaDB"
	}
	return "MySQL"
}

func (s *mysql) limit() int {
	if s.maria() {
		return 64 // of a database; of a role it is 80
	}
	return 32
}

// place calls who migrates …_ddl: pangaea_payments_provider_migrate would be a letter too long for MySQL.
func (s *mysql) place(name, schema string) *place {
	role := name + "_" + schema
	return &place{schema: role, runtime: account{role: role}, migrate: account{role: role + "_ddl"}}
}

func (s *mysql) path(p *place) string { return p.schema }

func (s *mysql) ready(ctx context.Context) error {
	ours, err := ask[int](ctx, s, "SELECT GET_LOCK('pangaea prepares', 5)")
	if err == nil && ours != 1 {
		err = errBusy
	}
	if err != nil {
		return err
	}
	if s.version, err = ask[string](ctx, s, "SELECT VERSION()"); err != nil {
		return err
	}
	rights, err := s.strings(ctx, "SHOW GRANTS")
	if err != nil {
		return err
	}
	for _, r := range rights {
		if strings.Contains(r, "ON *.*") && strings.Contains(r, "WITH GRANT OPTION") &&
			(strings.Contains(r, "ALL PRIVILEGES") || strings.Contains(r, "CREATE USER")) {
			return nil
		}
	}
	return errors.New("the administrator's URL is of a user who may not create users and give them rights: give that of one who may")
}

func (s *mysql) there(ctx context.Context, role string) (bool, error) {
	return ask[bool](ctx, s, "SELECT EXISTS (SELECT 1 FROM mysql.user WHERE user = ? AND host = '%')", role)
}

func (s *mysql) signIn(ctx context.Context, a *account) error {
	err := s.try(ctx, a)
	const denied = 1045
	if e := (*driver.MySQLError)(nil); errors.As(err, &e) && e.Number != denied {
		return nil // the password is right: something else is not, which we are here for
	}
	return err
}

// apply goes through one by one: nothing of this can be rolled back, and all of it can be done again.
func (s *mysql) apply(ctx context.Context, places []*place, dry bool) (done []change, err error) {
	for _, p := range places {
		c, err := s.settle(ctx, p, dry)
		if err != nil {
			return done, fmt.Errorf("prepare the database of %s: %w", p.module, err)
		}
		done = append(done, c)
	}
	return done, nil
}

const (
	rowRights   = "SELECT, INSERT, UPDATE, DELETE"
	tableRights = rowRights + ", CREATE, DROP, REFERENCES, INDEX, ALTER"
)

func (s *mysql) settle(ctx context.Context, p *place, dry bool) (done change, err error) {
	isThere, err := ask[bool](ctx, s, "SELECT EXISTS (SELECT 1 FROM information_schema.schemata WHERE schema_name = ?)", p.schema)
	if err != nil {
		return done, err
	}
	if !isThere {
		if done = created; !dry {
			err = run(ctx, s, "CREATE DATABASE `"+p.schema+"` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
		}
	}
	for i, rights := range []string{rowRights, tableRights} {
		if err != nil {
			return done, err
		}
		var c change
		c, err = s.account(ctx, p.accounts()[i], p.schema, rights, dry)
		done = max(done, c)
	}
	return done, err
}

// account sees to a user and to what it may.
func (s *mysql) account(ctx context.Context, a *account, schema, rights string, dry bool) (done change, err error) {
	who := "'" + a.role + "'@'%'"
	if !a.there {
		if dry {
			return created, nil
		}
		done, err = created, run(ctx, s, "CREATE USER "+who+" IDENTIFIED BY '"+a.password+"'")
	} else if a.fresh {
		if done = renewed; !dry {
			err = run(ctx, s, "ALTER USER "+who+" IDENTIFIED BY '"+a.password+"'")
		}
	}
	if err != nil {
		return done, err
	}
	// Without the backslash _ would stand for any letter.
	grant := "GRANT " + rights + " ON `" + strings.ReplaceAll(schema, "_", `\_`) + "`.* TO "
	right, err := s.only(ctx, who, grant)
	if err != nil || right {
		return done, err
	}
	if done = max(done, repaired); dry {
		return done, nil
	}
	if err := run(ctx, s, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM "+who, grant+who); err != nil {
		return done, err
	}
	if right, err = s.only(ctx, who, grant); err == nil && !right {
		err = fmt.Errorf("%s has rights that cannot be taken back here: look at SHOW GRANTS FOR %s", who, who)
	}
	return done, err
}

// only reports whether a grant is all that a user has.
func (s *mysql) only(ctx context.Context, who, grant string) (bool, error) {
	rights, err := s.strings(ctx, "SHOW GRANTS FOR "+who)
	had := 0
	for _, r := range rights {
		switch {
		case strings.HasPrefix(r, "GRANT USAGE ON *.* ") && !strings.Contains(r, "WITH GRANT OPTION"): // to sign in
		case strings.HasPrefix(r, grant) && !strings.Contains(r, "WITH GRANT OPTION"):
			had++
		default:
			return false, err
		}
	}
	return had == 1, err
}

// strings returns the first column of a query.
func (s *mysql) strings(ctx context.Context, query string) (list []string, err error) {
	rows, err := s.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, rows.Err()
}
