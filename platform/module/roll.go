package module

import (
	"context"
	"slices"
	"sync"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// A Roll lists the modules of a process, for what looks after all of them: the operator's commands, the
// generated contracts, readiness. A module cannot see it.
type Roll struct {
	mu      sync.Mutex
	members []Member
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
func (r *Roll) Members() []Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.members)
}

// enter puts a module on the list, and makes the process ready only while it can read its database.
func enter(name string) any {
	return func(roll *Roll, server *httpserver.Server, db *database.DB, events *bus.Events) {
		roll.mu.Lock()
		defer roll.mu.Unlock()
		roll.members = append(roll.members, Member{Name: name, DB: db, Events: events})
		server.Ready(name+" database", func(ctx context.Context) error {
			return db.Read(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Exec("SELECT 1").Error })
		})
	}
}
