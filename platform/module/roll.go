package module

import (
	"io/fs"
	"slices"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A Roll lists the modules of a process, for what looks after all of them: the operator's commands, the
// generated contracts, readiness. A module cannot see it.
type Roll struct {
	limits  Limits
	members []Member
	work    []fx.Hook
}

// A Member is a module of this process.
type Member struct {
	Name       string
	DB         *database.DB
	Migrations fs.FS // of its own tables: for who opens its database beside it
	Events     *bus.Events
}

// NewRoll returns an empty list, for a process to provide.
func NewRoll(limits Limits) *Roll { return &Roll{limits: limits} }

// Members are the modules wired so far, in that order.
func (r *Roll) Members() []Member { return slices.Clone(r.members) }

// has reports whether a module is one of this process.
func (r *Roll) has(name string) bool {
	return slices.ContainsFunc(r.members, func(m Member) bool { return m.Name == name })
}

// Work lets the modules begin to talk and to do what is due. It is invoked once all modules are wired,
// so that everybody listens before anybody says something.
func Work(life fx.Lifecycle, roll *Roll) {
	for _, hook := range roll.work {
		life.Append(hook)
	}
}

// shared is what a process has for all of its modules. It says where their events go, if they leave it.
type shared struct {
	fx.In

	Roll      *Roll
	Server    *httpserver.Server
	Addresses bus.Addresses `optional:"true"`
}

// enter puts a module on the list, and makes the process ready only while the module can do its work.
func enter(name string, migrations fs.FS) any {
	return func(process shared, db *database.DB, events *bus.Events, in *inbox.Inbox, relay *outbox.Relay, queue *tasks.Queue) {
		roll := process.Roll
		roll.members = append(roll.members, Member{Name: name, DB: db, Migrations: migrations, Events: events})
		health{
			limit: roll.limits.Backlog, roll: roll, carried: process.Addresses.Of(name) != "",
			db: db, inbox: in, relay: relay, queue: queue,
		}.watch(process.Server)
	}
}
