package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// reservationRow is a reservation as the database sees it.
type reservationRow struct {
	OrderID   string `gorm:"column:order_id;primaryKey"`
	State     string `gorm:"column:state"`
	ChangedAt int64  `gorm:"column:changed_at"` // microseconds
}

// TableName names the table.
func (reservationRow) TableName() string { return "reservations" }

type lineRow struct {
	OrderID  string `gorm:"column:order_id;primaryKey"`
	SKU      string `gorm:"column:sku;primaryKey"`
	Quantity int64  `gorm:"column:quantity"`
}

// TableName names the table.
func (lineRow) TableName() string { return "reservation_lines" }

type returnRow struct {
	ReturnID string `gorm:"column:return_id;primaryKey"`
	OrderID  string `gorm:"column:order_id"`
	SKU      string `gorm:"column:sku;primaryKey"`
	Quantity int64  `gorm:"column:quantity"`
}

// TableName names the table.
func (returnRow) TableName() string { return "returned_pieces" }

// Update loads what is held for an order, with the levels of its products and of these, lets change act
// on it, and saves the outcome with its events: all or nothing.
func (s *Stock) Update(ctx context.Context, orderID string, skus []string, change func(*stock.Reservation) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.alone(ctx); err != nil {
			return err
		}
		before, err := loadReservation(tx, orderID)
		if err != nil {
			return err
		}
		touched := append(slices.Clone(skus), before.Held.SKUs()...)
		slices.Sort(touched)
		locked, err := lock(tx, slices.Compact(touched))
		if err != nil {
			return err
		}
		r := stock.Restore(before, locked.levels)
		if err := change(r); err != nil {
			return err
		}
		if err := saveReservation(tx, before, r.State()); err != nil {
			return err
		}
		if err := locked.save(tx); err != nil {
			return err
		}
		events := make([]outbox.Event, len(r.Events()))
		for i, e := range r.Events() {
			events[i] = e
		}
		return s.outbox.Add(ctx, events...)
	})
}

func loadReservation(tx *gorm.DB, orderID string) (stock.State, error) {
	state := stock.State{OrderID: orderID, Held: stock.Pieces{}, Returns: map[string]stock.Pieces{}}
	var row reservationRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("order_id = ?", orderID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	state.Status = stock.Status(row.State)
	var lines []lineRow
	if err := tx.Where("order_id = ?", orderID).Find(&lines).Error; err != nil {
		return state, err
	}
	for _, line := range lines {
		state.Held[line.SKU] = line.Quantity
	}
	if state.Status != stock.Sold {
		return state, nil // nothing comes back of what is not sold
	}
	var returns []returnRow
	if err := tx.Where("order_id = ?", orderID).Find(&returns).Error; err != nil {
		return state, err
	}
	for _, back := range returns {
		if state.Returns[back.ReturnID] == nil {
			state.Returns[back.ReturnID] = stock.Pieces{}
		}
		state.Returns[back.ReturnID][back.SKU] = back.Quantity
	}
	return state, nil
}

// saveReservation writes what is different after the change.
func saveReservation(tx *gorm.DB, before, after stock.State) error {
	if after.Status != before.Status {
		row := reservationRow{OrderID: after.OrderID, State: string(after.Status), ChangedAt: time.Now().UnixMicro()}
		write := tx.Select("*").Updates
		if before.Status == stock.Unheard {
			write = tx.Create
		}
		if err := write(&row).Error; err != nil {
			return err
		}
	}
	if before.Status == stock.Unheard && len(after.Held) > 0 {
		if err := tx.CreateInBatches(lineRows(after), atOnce).Error; err != nil {
			return err
		}
	}
	if back := newReturns(before, after); len(back) > 0 {
		return tx.CreateInBatches(back, atOnce).Error
	}
	return nil
}

func lineRows(s stock.State) []lineRow {
	rows := make([]lineRow, 0, len(s.Held))
	for _, sku := range s.Held.SKUs() {
		rows = append(rows, lineRow{OrderID: s.OrderID, SKU: sku, Quantity: s.Held[sku]})
	}
	return rows
}

func newReturns(before, after stock.State) []returnRow {
	var rows []returnRow
	for _, id := range slices.Sorted(maps.Keys(after.Returns)) {
		if _, known := before.Returns[id]; known {
			continue
		}
		for sku, n := range after.Returns[id] {
			rows = append(rows, returnRow{ReturnID: id, OrderID: after.OrderID, SKU: sku, Quantity: n})
		}
	}
	return rows
}
