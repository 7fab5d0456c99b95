package database

import (
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// ParsePlace is where somebody wants a module to be: the URL of a database on a server, or a folder for the
// embedded file. What looks like another URL is an error.
func ParsePlace(text string) (o Options, err error) {
	if !strings.Contains(text, "://") {
		o.Dir = text
		if text == "" {
			err = fault.New(fault.Invalid, "a place is the URL of a database, postgres://… or mysql://…, or a folder")
		}
		return o, err
	}
	var address Address
	err = address.UnmarshalText([]byte(text))
	return Options{URL: text}, err
}

// Where names the module's database without saying who signs in: the same text is the same place.
func (o Options) Where(name string) (string, error) {
	switch dialect, err := o.Dialect(); {
	case err != nil:
		return "", err
	case dialect == SQLite:
		dir, err := realPath(o.Dir)
		return filepath.Join(dir, name+".db"), err
	case dialect == MySQL:
		c, err := mysqlGrammar{}.config(o.URL)
		if err != nil {
			return "", err
		}
		return (&url.URL{Scheme: "mysql", Host: c.Addr, Path: "/" + c.DBName}).String(), nil
	}
	c, err := postgresGrammar{}.config(o.URL, name, readCommitted)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))), Path: "/" + c.Database}
	u.RawQuery = url.Values{"search_path": {c.RuntimeParams["search_path"]}}.Encode()
	return u.String(), nil
}

// Masked is a database's URL as it may be shown.
func Masked(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "***"
	}
	if query := u.Query(); query.Has("password") {
		query.Set("password", "xxxxx")
		u.RawQuery = query.Encode()
	}
	return u.Redacted()
}
