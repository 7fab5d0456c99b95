package broker

import (
	"fmt"
	"net/url"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/settings"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A member is a module, and as whom it signs in.
type member struct {
	module   string
	setting  string // such as ordering_bus_url
	user     string
	url      *url.URL
	password string
	there    bool // in the broker
	fresh    bool // with a password that is new
	sources  []string
}

// enrol finds a name for everything.
func enrol(w Wish, base *url.URL) (members []*member) {
	for _, module := range w.Manifest.Modules() {
		u := *base
		u.User, u.Path = nil, "/"+w.Name
		members = append(members, &member{
			module: module, setting: database.Schema(module) + "_bus_url", user: w.Name + "_" + database.Schema(module),
			url: &u, sources: w.Manifest.Sources(module),
		})
	}
	return members
}

// takes has a member take its password from the file, which may say of the URL's other parts what it likes.
func (m *member) takes(f *settings.File) error {
	value := f.Value(m.setting)
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Path != m.url.Path || u.User.Username() != m.user {
		return fmt.Errorf("%s in %s is not for %s in the virtual host %s: give the --name it was made with, or another file", m.setting, f.Path, m.user, m.url.Path[1:])
	}
	m.url = u
	m.password, _ = u.User.Password()
	return nil
}

// address is the value of the member's setting.
func (m *member) address() string {
	u := *m.url
	u.User = url.UserPassword(m.user, m.password)
	return u.String()
}

// want is what the broker is to have. It gives every member its password: the one in the file, or a new one.
func want(w Wish, file *settings.File, members []*member, has rabbitmq.Definitions) (rabbitmq.Definitions, error) {
	wanted := rabbitmq.Definitions{VirtualHosts: []rabbitmq.VirtualHost{{Name: w.Name}}}
	for _, m := range members {
		if err := m.takes(file); err != nil {
			return wanted, err
		}
		user, there := userOf(has, m.user)
		m.there = there
		switch known := m.password != ""; {
		case w.Rotate || !known && !there:
			m.password, m.fresh = settings.NewPassword(), true
			file.Set(m.setting, m.address())
			user = rabbitmq.NewUser(m.user, m.password)
		case !there:
			m.fresh = true // the file was written, and then something came between
			user = rabbitmq.NewUser(m.user, m.password)
		case !known:
			return wanted, fmt.Errorf("the user %s is there and %s has no password for it: give the file that has, or --rotate for new passwords", m.user, file.Path)
		case !user.Has(m.password):
			return wanted, fmt.Errorf("the broker does not have the password of %s that is in %s: give --rotate for new passwords", m.user, file.Path)
		}
		user.Tags = []string{}
		wanted.Define(w.Name, user, options(w.Manifest), m.module)
	}
	return wanted, nil
}

// options are those that the shop's own carriers have.
func options(manifest outbox.Manifest) rabbitmq.Options {
	return rabbitmq.Options{Sources: manifest.Sources}
}

func userOf(d rabbitmq.Definitions, name string) (rabbitmq.User, bool) {
	for _, u := range d.Users {
		if u.Name == name {
			return u, true
		}
	}
	return rabbitmq.User{}, false
}
