// Package outbox keeps what a module has to tell others, in the module's own database, until every
// destination has committed it.
package outbox

import (
	"context"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// An Event is a fact that a module announces. Contract types are events without importing this package.
type Event interface {
	EventName() string // its name on the wire, "<module>.<Fact>"
	EventKey() string  // what it is ordered by: the id of the aggregate
}

// A Manifest says which modules hear which event: destinations by event name.
type Manifest map[string][]string

// An Outbox belongs to one module.
type Outbox struct{ db *database.DB }

// New returns the outbox of db's module.
func New(db *database.DB, manifest Manifest) *Outbox { return &Outbox{db: db} }

// Add announces events with the unit of work that ctx belongs to: they are told if it commits, in this
// order per key, and only then. Outside a unit of work it is an error.
func (o *Outbox) Add(ctx context.Context, events ...Event) error { panic("unwritten") }
