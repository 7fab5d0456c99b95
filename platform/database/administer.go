package database

import (
	"database/sql"
	"net/url"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Administer returns connections for whoever looks after a server and its roles, as the URL says. They are
// in nobody's schema, and nothing is tried yet.
func Administer(address string) (*sql.DB, error) {
	switch dialect, err := (Options{URL: address}).Dialect(); {
	case err != nil:
		return nil, err
	case dialect == Postgres:
		return postgresGrammar{}.connect(address, "administrator", 2, readCommitted)
	case dialect == MySQL:
		u, err := url.Parse(address)
		if err != nil {
			return nil, errMalformed
		}
		if strings.Trim(u.Path, "/") == "" {
			u.Path = "/information_schema" // which is there for everybody
		}
		return mysqlGrammar{}.connect(u.String(), "administrator", 2, readCommitted)
	}
	return nil, fault.New(fault.Invalid, "give the URL of a database server: postgres://… or mysql://…")
}
