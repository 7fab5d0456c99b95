package module

import (
	"context"
	"slices"

	"go.uber.org/fx"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// A Roll lists the modules of a process, for what looks after all of them: the operator's commands, the
// generated contracts, readiness. A module cannot see it.
type Roll struct {
	members []Member
	work    []fx.Hook
}

// A Member is a module of this process.
type Member struct {
	Name   string
	DB     *database.DB
	Events *bus.Events
}

// NewRoll returns an empty list, for a process to provide.
func NewRoll() *Roll { return &Roll{} }

// Members are the modules wired so far, in that order.
func (r *Roll) Members() []Member { return slices.Clone(r.members) }

// Work lets the modules begin to talk and to do what is due. It is invoked once all modules are wired,
// so that everybody listens before anybody says something.
func Work(life fx.Lifecycle, roll *Roll) {
	for _, hook := range roll.work {
		life.Append(hook)
	}
}

// enter puts a module on the list, and makes the process ready only while it can read its database.
func enter(name string) any {
	return func(roll *Roll, server *httpserver.Server, db *database.DB, events *bus.Events) {
		roll.members = append(roll.members, Member{Name: name, DB: db, Events: events})
		server.Ready(name+" database", func(ctx context.Context) error {
			return db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
				return tx.Exec("SELECT version FROM platform_migrations").Error // a row, for which the file is needed
			})
		})
	}
}
