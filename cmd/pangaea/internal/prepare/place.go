package prepare

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/settings"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// A place is what a module has on the server.
type place struct {
	module  string
	schema  string // which on MySQL is a database
	runtime account
	migrate account
}

// An account is a role that signs in, and the setting that says how.
type account struct {
	setting  string // such as ordering_database_url
	url      *url.URL
	role     string
	password string
	there    bool // on the server
	fresh    bool // the server is to be told the password
}

func (p *place) accounts() []*account { return []*account{&p.runtime, &p.migrate} }

// address is the value of the account's setting.
func (a *account) address() string {
	u := *a.url
	u.User = url.UserPassword(a.role, a.password)
	return u.String()
}

// takes has an account take its password from the file, which may say of the URL's other parts what it likes.
func (a *account) takes(f *settings.File) error {
	value := f.Value(a.setting)
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != a.url.Scheme || u.Path != a.url.Path || u.User.Username() != a.role {
		return fmt.Errorf("%s in %s is not for %s in %s%s: give the --name it was made with, or another file", a.setting, f.Path, a.role, a.url.Host, a.url.Path)
	}
	a.url = u
	a.password, _ = u.User.Password()
	return nil
}

// parse reads an administrator's URL.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the administrator's URL cannot be read: it is like postgres://user:password@host:5432/ or mysql://user:password@host:3306/")
	}
	if kind, err := (database.Options{URL: address}).Dialect(); err != nil || kind == database.SQLite {
		return nil, errors.New("the administrator's URL begins with postgres:// or mysql://: on SQLite every module has a file of its own already")
	}
	return u, nil
}

var sayable = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// plan finds a name for everything.
func plan(w Wish, base *url.URL, s server) (places []*place, err error) {
	if !sayable.MatchString(w.Name) {
		return nil, fmt.Errorf("the name is %q: it begins with a small letter and has small letters, digits and _ alone", w.Name)
	}
	longest := ""
	for _, module := range w.Modules {
		p := s.place(w.Name, database.Schema(module))
		p.module = module
		for setting, a := range map[string]*account{"_database_url": &p.runtime, "_migrate_url": &p.migrate} {
			a.setting = database.Schema(module) + setting
			if len(a.role) > len(longest) {
				longest = a.role
			}
			a.url = addressed(base, s.path(p))
		}
		places = append(places, p)
	}
	if over := len(longest) - s.limit(); over > 0 {
		return nil, fmt.Errorf("%s is longer than the %d letters that %s takes: give a --name of %d letters or less",
			longest, s.limit(), s.kind(), len(w.Name)-over)
	}
	return places, nil
}

// addressed is base with another database, as anybody might be.
func addressed(base *url.URL, name string) *url.URL {
	u := *base
	u.User, u.Path, u.RawPath = nil, "/"+name, ""
	query := u.Query()
	query.Del("user")
	query.Del("password")
	u.RawQuery = query.Encode()
	return &u
}
