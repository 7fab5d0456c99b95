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
	"math/bits"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

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
	letters  *database.Batch[letter]
	relay    atomic.Pointer[Relay] // nil where nobody relays in this process
}

// New returns the outbox of db's module.
func New(db *database.DB, manifest Manifest) *Outbox {
	o := &Outbox{db: db, manifest: manifest}
	o.letters = database.NewBatch(o.post)
	return o
}

// Add announces events with the unit of work that ctx belongs to: they are told if it commits, in this
// order per key, and only then. Outside a unit of work it is an error.
func (o *Outbox) Add(ctx context.Context, events ...Event) error {
	if _, ok := o.db.Current(ctx); !ok {
		return fault.New(fault.Internal, "events of %s outside a unit of work: add them inside Do", o.db.Name())
	}
	letters, err := o.seal(ctx, events)
	if err == nil {
		o.letters.Add(ctx, letters...)
	}
	return err
}

// post stores the letters of all units of work that are about to be committed together. It is the last
// thing they do, and their aggregates are locked until then: nobody else numbers events of theirs.
func (o *Outbox) post(ctx context.Context, tx *gorm.DB, letters []letter) error {
	deliveries, err := number(tx, letters)
	if err != nil {
		return err
	}
	database.AfterCommit(ctx, func() { o.offer(deliveries) })
	return o.store(tx, letters, deliveries)
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
func (o *Outbox) store(tx *gorm.DB, letters []letter, deliveries []delivery) error {
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
	return storeDeliveries(tx, deliveries, o.db.Instance())
}

func storeDeliveries(tx *gorm.DB, deliveries []delivery, owner string) error {
	rows := make([]deliveryRow, len(deliveries))
	for i, d := range deliveries {
		rows[i] = deliveryRow{Dest: d.dest, EventID: d.message.UUID, EventKey: d.key, N: d.n, Owner: owner}
	}
	return insert(tx, rows)
}

// insert stores rows by statements of certain sizes, which are prepared once and used again and again.
func insert[R any](tx *gorm.DB, rows []R, clauses ...clause.Expression) error {
	for len(rows) > 0 {
		size := min(len(rows), mostRows)
		if size > anySize {
			size = 1 << (bits.Len(uint(size)) - 1)
		}
		some := rows[:size]
		if err := tx.Clauses(clauses...).Create(&some).Error; err != nil {
			return err
		}
		rows = rows[size:]
	}
	return nil
}

const (
	mostRows = 64 // of one statement
	anySize  = 16 // of up to so many rows there is a statement for every number, beyond for powers of two
)

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
