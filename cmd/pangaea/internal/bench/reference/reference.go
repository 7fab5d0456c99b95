// Package reference is a shop that does nothing but checkouts, as fast as this machine lets portable Go
// be: gin, a database per module, group commit, prepared statements, and events handed over in process.
// On SQLite it has one writer per file and synchronous=FULL; on PostgreSQL a group is one round trip, with
// one statement for each kind of row. It has no access control, no idempotency, no retries and no
// recovery: the product's speed is quoted beside it, and nothing else is it good for.
//
// It speaks as much of the shop's HTTP face as is measured:
//
//	POST /api/v1/orders      durable when answered
//	GET  /api/v1/orders/{id} when it was confirmed
//	GET  /api/v1/products    one row of a database
//	GET  /metrics            orders confirmed, transactions wanted
//
// Beside it are a [Relay] and a gateway ([Pass]) as fast as they can be written by hand.
package reference

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// Options say what a reference does, and where.
type Options struct {
	Steps string // Four or Same
	URL   string // of its PostgreSQL database; empty: files in Dir
	Dir   string // for its database files
	Addr  string // where it listens
}

// The plans of a checkout.
const (
	Four = "four" // the four transactions without which there is no checkout
	Same = "same" // what the product does: as many transactions, events and rows
)

// A shop is a running reference.
type shop struct {
	stores    map[string]*store
	plan      plan
	confirmed atomic.Int64
	moments   sync.Map // order id → when it was confirmed
}

// Serve answers until ctx ends.
func Serve(ctx context.Context, o Options) error {
	steps, ok := plans[o.Steps]
	if !ok {
		return fmt.Errorf("there is no reference with the steps %q", o.Steps)
	}
	s := &shop{stores: map[string]*store{}, plan: steps}
	for _, name := range steps.files() {
		at, err := o.open(ctx, name)
		if err != nil {
			return fmt.Errorf("open the database of %s: %w", name, err)
		}
		defer at.close()
		s.stores[name] = at
	}
	if err := s.stock(); err != nil {
		return err
	}
	return listen(ctx, o.Addr, s.routes())
}

// open opens the database of a module, and makes it where there is none.
func (o Options) open(ctx context.Context, name string) (*store, error) {
	if o.URL != "" {
		return openSchema(ctx, o.URL, name)
	}
	return openFile(o.Dir, name)
}
