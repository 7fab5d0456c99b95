package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/platform/database"
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

// A movement is what happens to the goods of one order.
type movement struct {
	of      context.Context // who moves them
	orderID string
	skus    []string // that it may touch, besides those that are held
	change  func(*stock.Reservation) error
}

// Update loads what is held for an order, with the levels of its products and of these, lets change act
// on it, and saves the outcome with its events: all or nothing. Within a larger unit of work that is at
// its end, together with what others move: while one moves goods everybody else has to wait, in all
// processes, so the fewer statements the better.
func (s *Stock) Update(ctx context.Context, orderID string, skus []string, change func(*stock.Reservation) error) error {
	return s.db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error {
		return s.movements.Try(ctx, movement{ctx, orderID, skus, change})
	})
}

// move makes movements, one after the other, and saves what became of all of them.
func (s *Stock) move(ctx context.Context, tx *gorm.DB, movements []movement) error {
	if err := s.alone(ctx); err != nil {
		return err
	}
	var orders, skus []string
	for _, m := range movements {
		orders, skus = append(orders, m.orderID), append(skus, m.skus...)
	}
	before, err := loadReservations(tx, sorted(orders))
	if err != nil {
		return err
	}
	for _, state := range before {
		skus = append(skus, state.Held.SKUs()...)
	}
	locked, err := lock(tx, sorted(skus))
	if err != nil {
		return err
	}
	after := maps.Clone(before)
	for _, m := range movements {
		r := stock.Restore(after[m.orderID], locked.levels)
		if err := m.change(r); err != nil {
			return err
		}
		after[m.orderID] = r.State()
		events := make([]outbox.Event, len(r.Events()))
		for i, e := range r.Events() {
			events[i] = e
		}
		if err := s.outbox.Add(database.OnBehalf(ctx, m.of), events...); err != nil {
			return err
		}
	}
	if err := saveReservations(tx, before, after); err != nil {
		return err
	}
	return locked.save(tx)
}

// sorted puts names in order, once each.
func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// loadReservations loads and locks what is held for orders. Of one that was never heard of there is only the id.
func loadReservations(tx *gorm.DB, orders []string) (map[string]stock.State, error) {
	states := make(map[string]stock.State, len(orders))
	for _, id := range orders {
		states[id] = stock.State{OrderID: id, Held: stock.Pieces{}, Returns: map[string]stock.Pieces{}}
	}
	var rows []reservationRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("order_id IN ?", orders).Order("order_id").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return states, err
	}
	var heard, sold []string
	for _, row := range rows {
		state := states[row.OrderID]
		state.Status = stock.Status(row.State)
		states[row.OrderID] = state
		heard = append(heard, row.OrderID)
		if state.Status == stock.Sold { // nothing comes back of what is not
			sold = append(sold, row.OrderID)
		}
	}
	var lines []lineRow
	if err := tx.Where("order_id IN ?", heard).Find(&lines).Error; err != nil {
		return nil, err
	}
	for _, line := range lines {
		states[line.OrderID].Held[line.SKU] = line.Quantity
	}
	if len(sold) == 0 {
		return states, nil
	}
	var returns []returnRow
	if err := tx.Where("order_id IN ?", sold).Find(&returns).Error; err != nil {
		return nil, err
	}
	for _, back := range returns {
		of := states[back.OrderID].Returns
		if of[back.ReturnID] == nil {
			of[back.ReturnID] = stock.Pieces{}
		}
		of[back.ReturnID][back.SKU] = back.Quantity
	}
	return states, nil
}

// saveReservations writes what is different after the changes.
func saveReservations(tx *gorm.DB, before, after map[string]stock.State) error {
	now := time.Now().UnixMicro()
	changed := map[stock.Status][]string{}
	var heard []reservationRow
	var lines []lineRow
	var back []returnRow
	for _, id := range slices.Sorted(maps.Keys(after)) {
		was, is := before[id], after[id]
		switch was.Status {
		case is.Status:
		case stock.Unheard:
			heard = append(heard, reservationRow{OrderID: id, State: string(is.Status), ChangedAt: now})
			lines = append(lines, lineRows(is)...)
		default:
			changed[is.Status] = append(changed[is.Status], id)
		}
		back = append(back, newReturns(was, is)...)
	}
	for _, status := range slices.Sorted(maps.Keys(changed)) {
		err := tx.Model(&reservationRow{}).Where("order_id IN ?", changed[status]).
			Updates(map[string]any{"state": string(status), "changed_at": now}).Error
		if err != nil {
			return err
		}
	}
	if err := create(tx, heard); err != nil {
		return err
	}
	if err := create(tx, lines); err != nil {
		return err
	}
	return create(tx, back)
}

// create adds rows, if there are any.
func create[R any](tx *gorm.DB, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.CreateInBatches(rows, atOnce).Error
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
