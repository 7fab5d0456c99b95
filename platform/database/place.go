package database

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Dialect is the kind of SQL that a database speaks. Migrations lie in a folder of that name.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql" // and MariaDB
)

// Places say where the database of each module is, by its name: Options without migrations.
type Places func(module string) (Options, error)

// Dialect is what the database at this place speaks.
func (o Options) Dialect() (Dialect, error) {
	scheme, _, _ := strings.Cut(o.URL, ":")
	switch scheme {
	case "":
		return SQLite, nil
	case "postgres", "postgresql":
		return Postgres, nil
	case "mysql", "mariadb":
		return MySQL, nil
	}
	return "", fault.New(fault.Invalid, "a database URL begins with postgres:// or mysql://, not with %s:", scheme)
}

// Schema is what a module's tables are kept in where a server has many: its name, spelt as SQL likes it.
func Schema(module string) string { return strings.ReplaceAll(module, "-", "_") }

// Share returns the URL of one module's part of a database that all modules share, for trying a server
// out: on PostgreSQL the same database, in which every module has a schema; on MySQL, where a schema is a
// database, one named after both, such as pangaea_ordering.
func Share(shared, module string) (string, error) {
	dialect, err := Options{URL: shared}.Dialect()
	if err != nil || dialect != MySQL {
		return shared, err
	}
	u, err := url.Parse(shared)
	if err != nil {
		return "", malformed(err)
	}
	if u.Path = "/" + strings.Trim(u.Path, "/"); u.Path == "/" {
		return "", fault.New(fault.Invalid, "the URL of a MySQL server needs a database's name at its end, such as mysql://user@host/pangaea")
	}
	u.Path += "_" + Schema(module)
	return u.String(), nil
}

// malformed says what is wrong with a URL, and not what is in it: that may be a password.
func malformed(err error) error {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // url.Parse returns nothing else, and unwrapped
		err = e.Err
	}
	return fmt.Errorf("the database URL cannot be read: %w", err)
}
