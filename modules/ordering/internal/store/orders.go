// Package store keeps orders in the module's database. Every change, its events and the order's
// deadline are one unit of work.
package store

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Deadline is the kind of task that ends an order that was not paid in time. Its key is the order's id.
const Deadline = "deadline"

// Orders are the orders of the shop.
type Orders struct {
	db      *database.DB
	outbox  *outbox.Outbox
	tasks   *tasks.Queue
	watched *watched
	reached *prometheus.HistogramVec
}

// NewOrders returns the orders in db.
func NewOrders(db *database.DB, out *outbox.Outbox, queue *tasks.Queue) *Orders {
	return &Orders{db: db, outbox: out, tasks: queue, watched: &watched{}, reached: newReached()}
}

// Add stores a new order with its deadline and events. If there is an order with the same reference
// already, that one is returned and nothing is stored; where it asks for something else that is the
// fault.Conflict reference-taken.
func (s *Orders) Add(ctx context.Context, o *order.Order) (order.State, error) {
	state := o.State()
	err := s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		state = o.State()
		added, err := insertOrder(tx, state)
		if err != nil {
			return err
		}
		if !added {
			there, err := byReference(tx, state.Reference)
			if err == nil {
				state, err = there.SameAs(state.Content)
			}
			return err
		}
		if err := insertParts(tx, o); err != nil {
			return err
		}
		s.measure(ctx, state)
		if err := s.tasks.Add(ctx, Deadline, state.ID, nil, state.DeadlineAt); err != nil {
			return err
		}
		return s.announce(ctx, o)
	})
	return state, err
}

// Do runs work as one unit of work, which everything that is given work's ctx joins.
func (s *Orders) Do(ctx context.Context, work func(ctx context.Context) error) error {
	return s.db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error { return work(ctx) })
}

// Update loads an order without its lines and returns, lets change act on it, and saves the outcome with
// its events: all or nothing.
func (s *Orders) Update(ctx context.Context, id string, change func(*order.Order) error) error {
	return s.update(ctx, id, change, func(*gorm.DB, *order.State) error { return nil })
}

// UpdateWithLines is Update for changes that have to know the order's lines.
func (s *Orders) UpdateWithLines(ctx context.Context, id string, change func(*order.Order) error) error {
	return s.update(ctx, id, change, loadLines)
}

// UpdateWithReturns is Update for changes that have to know the order's lines and returns.
func (s *Orders) UpdateWithReturns(ctx context.Context, id string, change func(*order.Order) error) error {
	return s.update(ctx, id, change, func(tx *gorm.DB, state *order.State) error {
		if err := loadLines(tx, state); err != nil {
			return err
		}
		return loadReturns(tx, state)
	})
}

func (s *Orders) update(ctx context.Context, id string, change func(*order.Order) error, more func(*gorm.DB, *order.State) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		state, err := byID(tx.Clauses(clause.Locking{Strength: "UPDATE"}), id)
		if err != nil {
			return err
		}
		if err := more(tx, &state); err != nil {
			return err
		}
		o := order.Restore(state)
		if err := change(o); err != nil {
			return err
		}
		return s.save(ctx, tx, state, o)
	})
}

// save writes what change did to the order that was loaded as was.
func (s *Orders) save(ctx context.Context, tx *gorm.DB, was order.State, o *order.Order) error {
	is := o.State()
	if columns := changed(rowOf(was), rowOf(is)); len(columns) > 0 {
		if err := tx.Model(&orderRow{}).Where("id = ?", is.ID).Updates(columns).Error; err != nil {
			return err
		}
	}
	if err := insertEntries(tx, is.ID, o.Entries()); err != nil {
		return err
	}
	if err := saveReturns(tx, was.Returns, is.Returns); err != nil {
		return err
	}
	if was.Status != is.Status {
		s.measure(ctx, is)
	}
	if was.Status.Pending() && !is.Status.Pending() {
		if err := s.tasks.Cancel(ctx, Deadline, is.ID); err != nil {
			return err
		}
	}
	return s.announce(ctx, o)
}

// announce tells the order's events to other modules, and to those who watch the order here that it changed.
func (s *Orders) announce(ctx context.Context, o *order.Order) error {
	if len(o.Entries()) > 0 {
		database.AfterCommit(ctx, func() { s.watched.changed(o.State().ID) })
	}
	if len(o.Events()) == 0 {
		return nil
	}
	events := make([]outbox.Event, len(o.Events()))
	for i, e := range o.Events() {
		events[i] = e
	}
	return s.outbox.Add(ctx, events...)
}

// load returns the order that is meant, without its parts.
func load(tx *gorm.DB, where string, args ...any) (order.State, error) {
	var row orderRow
	err := tx.Where(where, args...).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return order.State{}, Missing()
	}
	return row.state(), err
}

// byID is load for the order with that id, exactly: MySQL also finds it under its id and a space.
func byID(tx *gorm.DB, id string) (order.State, error) {
	state, err := load(tx, "id = ?", id)
	if err == nil && state.ID != id {
		return order.State{}, Missing()
	}
	return state, err
}

// Missing is the answer about an order that is not there or is not one's own.
func Missing() error { return fault.New(fault.NotFound, "there is no such order") }
