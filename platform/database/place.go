package database

import (
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
	if o.URL == "" {
		return SQLite, nil
	}
	switch scheme, _, _ := strings.Cut(o.URL, "://"); scheme {
	case "postgres", "postgresql":
		return Postgres, nil
	case "mysql", "mariadb":
		return MySQL, nil
	}
	return "", fault.New(fault.Invalid, "a database URL begins with postgres:// or mysql://")
}

// An Address is a setting whose value is the URL of a database, or empty. Whether the database can be reached is
// not tried.
type Address string

// UnmarshalText refuses what is no such URL.
func (a *Address) UnmarshalText(text []byte) error {
	*a = Address(text)
	o := Options{URL: string(text)}
	dialect, err := o.Dialect()
	if err != nil || dialect == SQLite {
		return err
	}
	s, err := openServer("", dialect, o)
	if err != nil {
		return err
	}
	return s.close()
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
		return "", errMalformed
	}
	if u.Path = "/" + strings.Trim(u.Path, "/"); u.Path == "/" {
		return "", fault.New(fault.Invalid, "the URL of a MySQL server needs a database's name at its end, such as mysql://user@host/pangaea")
	}
	u.Path += "_" + Schema(module)
	return u.String(), nil
}

// errMalformed does not say what is in a URL that cannot be read: that may be a password.
var errMalformed = fault.New(fault.Invalid,
	"the database URL cannot be read: it is like postgres://user:password@host:5432/name, with %%2F for a / in the password and %%40 for an @")
