// Package outbox keeps what a module has to tell others, in the module's own database, until every
// destination has committed it.
//
//	Do{ change · Add } ─▶ outbox_events      one row per event, kept for days
//	                   ─▶ outbox_deliveries  one row per destination: (dest, key, n)
//	      │ after the commit, and again every moment
//	      ▼
//	    Relay ─▶ message.Publisher ─▶ destination's inbox ─▶ nil ─▶ the delivery's row goes
//
// A delivery's n has no gaps per destination and key, and is given out under the lock of the lane's row
// in the transaction that announces the event. From it the destination knows what it has had already and
// what is missing, so neither the relay nor what carries its messages has to keep any order, and both may
// repeat themselves. Pending deliveries are a set: nothing remembers "everything up to here".
package outbox

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An Event is a fact that a module announces. Contract types are events without importing this package.
type Event = envelope.Event

// An Outbox belongs to one module.
type Outbox struct {
	db       *database.DB
	manifest Manifest
	relay    atomic.Pointer[Relay] // nil where nobody relays in this process
}

// New returns the outbox of db's module.
func New(db *database.DB, manifest Manifest) *Outbox { return &Outbox{db: db, manifest: manifest} }

// Add announces events with the unit of work that ctx belongs to: they are told if it commits, in this
// order per key, and only then. Outside a unit of work it is an error.
func (o *Outbox) Add(ctx context.Context, events ...Event) error {
	tx, ok := o.db.Current(ctx)
	if !ok {
		return fault.New(fault.Internal, "events of %s outside a unit of work: add them inside Do", o.db.Name())
	}
	if len(events) == 0 {
		return nil
	}
	letters, err := o.seal(ctx, events)
	if err != nil {
		return err
	}
	deliveries, err := number(tx, letters)
	if err != nil {
		return err
	}
	if err := store(tx, letters, deliveries); err != nil {
		return err
	}
	database.AfterCommit(ctx, func() { o.offer(deliveries) })
	return nil
}

// seal puts events into messages and addresses them.
func (o *Outbox) seal(ctx context.Context, events []Event) ([]letter, error) {
	now := time.Now().UTC()
	letters := make([]letter, len(events))
	for i, e := range events {
		if e.EventName() == "" || e.EventKey() == "" {
			return nil, fault.New(fault.Internal, "event %T of %s has no name or no key: both are needed to deliver it", e, o.db.Name())
		}
		m, err := envelope.Seal(ctx, o.db.Name(), e, now)
		if err != nil {
			return nil, err
		}
		letters[i] = letter{message: m, name: e.EventName(), key: e.EventKey(), at: now, dests: o.manifest[e.EventName()]}
	}
	return letters, nil
}

// store writes the rows.
func store(tx *gorm.DB, letters []letter, deliveries []delivery) error {
	events := make([]eventRow, len(letters))
	for i, l := range letters {
		var err error
		if events[i], err = l.row(); err != nil {
			return err
		}
	}
	if err := insert(tx, events); err != nil {
		return err
	}
	return storeDeliveries(tx, deliveries)
}

func storeDeliveries(tx *gorm.DB, deliveries []delivery) error {
	rows := make([]deliveryRow, len(deliveries))
	for i, d := range deliveries {
		rows[i] = deliveryRow{Dest: d.dest, EventID: d.message.UUID, EventKey: d.key, N: d.n}
	}
	return insert(tx, rows)
}

// insert keeps below the number of parameters that a statement may have.
func insert[R any](tx *gorm.DB, rows []R) error {
	for some := range slices.Chunk(rows, 500) {
		if err := tx.Create(&some).Error; err != nil {
			return err
		}
	}
	return nil
}

// offer hands committed deliveries to the relay. Where it does not take them, it finds them in the table.
func (o *Outbox) offer(deliveries []delivery) {
	if r := o.relay.Load(); r != nil {
		now := time.Now()
		for _, d := range deliveries {
			d.committed = now
			r.destination(d.dest).offer(d)
		}
	}
}
