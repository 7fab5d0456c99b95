// Package store keeps shipments.
package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Shipments are the shipments of all orders.
type Shipments struct {
	db     *database.DB
	outbox *outbox.Outbox
}

// NewShipments returns the shipments in db. What happens to them is announced through o.
func NewShipments(db *database.DB, o *outbox.Outbox) *Shipments { return &Shipments{db, o} }

// Do runs work as one unit of work, which everything that is given work's ctx joins.
func (s *Shipments) Do(ctx context.Context, work func(ctx context.Context) error) error {
	return s.db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error { return work(ctx) })
}

// Update loads the shipment of an order without its lines, which is new if there is none, lets change
// act on it, and saves the outcome with its events: all or nothing.
func (s *Shipments) Update(ctx context.Context, orderID string, change func(context.Context, *shipment.Shipment) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		now := time.Now().UTC()
		found, err := load(tx.Where("order_id = ?", orderID))
		switch {
		case fault.Is(err, fault.NotFound):
			return s.act(ctx, tx, row{}, shipment.For(orderID, now), change)
		case err != nil:
			return err
		}
		return s.act(ctx, tx, found, shipment.Restore(found.state(), now), change)
	})
}

// UpdateShipment is Update for a shipment that exists, by its own id.
func (s *Shipments) UpdateShipment(ctx context.Context, id string, change func(context.Context, *shipment.Shipment) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		found, err := byID(tx.Clauses(clause.Locking{Strength: "UPDATE"}), id)
		if err != nil {
			return err
		}
		return s.act(ctx, tx, found, shipment.Restore(found.state(), time.Now().UTC()), change)
	})
}

// act changes a shipment that was before.
func (s *Shipments) act(
	ctx context.Context, tx *gorm.DB, before row, p *shipment.Shipment, change func(context.Context, *shipment.Shipment) error,
) error {
	if err := change(ctx, p); err != nil {
		return err
	}
	after := p.State()
	if after.Status == shipment.None {
		return nil
	}
	if r := rowOf(after); r != before {
		write := tx.Select("*").Updates // of what was loaded and locked
		if before.ID == "" {
			write = tx.Create // never over another: two who find no shipment of an order both have a new one
		}
		if err := write(&r).Error; err != nil {
			return err
		}
	}
	if before.ID == "" && len(after.Lines) > 0 {
		lines := lineRowsOf(after)
		if err := tx.CreateInBatches(&lines, 500).Error; err != nil {
			return err
		}
	}
	events := make([]outbox.Event, len(p.Events()))
	for i, event := range p.Events() {
		events[i] = event
	}
	return s.outbox.Add(ctx, events...)
}

// load is one row that is going to be changed.
func load(query *gorm.DB) (row, error) { return one(query.Clauses(clause.Locking{Strength: "UPDATE"})) }

// byID is one for the row with that id, exactly: MySQL also finds it under its id and a space.
func byID(query *gorm.DB, id string) (row, error) {
	found, err := one(query.Where("id = ?", id))
	if err == nil && found.ID != id {
		return row{}, missing()
	}
	return found, err
}

// one reads one row; there being none is fault.NotFound.
func one(query *gorm.DB) (found row, err error) {
	err = query.Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = missing()
	}
	return found, err
}

func missing() error { return fault.New(fault.NotFound, "there is no such shipment") }

// A Query asks for shipments, newest first.
type Query struct {
	OrderID string // empty: of all orders
	Status  string // as shown; empty: any
	Before  string // only shipments with a lower id; empty: from the newest on
	Limit   int
}

// List returns what a query asks for, with lines.
func (s *Shipments) List(ctx context.Context, q Query) (states []shipment.State, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		query := tx.Order("id DESC").Limit(q.Limit)
		if q.OrderID != "" {
			query = query.Where("order_id = ?", q.OrderID)
		}
		switch q.Status {
		case "":
		case string(shipment.Pending):
			query = query.Where("status IN ?", []string{string(shipment.Pending), string(shipment.HandingOver)})
		default:
			query = query.Where("status = ?", q.Status)
		}
		if q.Before != "" {
			query = query.Where("id < ?", q.Before)
		}
		var rows []row
		if err := query.Find(&rows).Error; err != nil {
			return err
		}
		states, err = complete(tx, rows)
		return err
	})
	return states, err
}

// Find returns the shipment with that id, with lines.
func (s *Shipments) Find(ctx context.Context, id string) (state shipment.State, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		found, err := byID(tx, id)
		if err != nil {
			return err
		}
		states, err := complete(tx, []row{found})
		if err != nil {
			return err
		}
		state = states[0]
		return nil
	})
	return state, err
}

// complete adds to shipments their lines.
func complete(tx *gorm.DB, rows []row) ([]shipment.State, error) {
	ids, at := make([]string, len(rows)), map[string]int{}
	states := make([]shipment.State, len(rows))
	for i, r := range rows {
		ids[i], at[r.ID], states[i] = r.ID, i, r.state()
	}
	var lines []lineRow
	if err := tx.Where("shipment_id IN ?", ids).Order("line_id").Find(&lines).Error; err != nil {
		return nil, err
	}
	for _, line := range lines {
		s := &states[at[line.ShipmentID]]
		s.Lines = append(s.Lines, shipment.Line{LineID: line.LineID, SKU: line.SKU, Quantity: line.Quantity})
	}
	return states, nil
}
