package store

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
)

// batch is how many rows one INSERT holds: engines limit the number of parameters of a statement.
const batch = 500

// insertOrder stores the order alone. It returns false if its reference is taken.
func insertOrder(tx *gorm.DB, s order.State) (bool, error) {
	row := rowOf(s)
	if row.Reference != nil {
		tx = tx.Clauses(clause.OnConflict{DoNothing: true})
	}
	created := tx.Create(&row)
	return created.RowsAffected == 1, created.Error
}

func insertParts(tx *gorm.DB, o *order.Order) error {
	s := o.State()
	lines := make([]lineRow, len(s.Lines))
	for i, line := range s.Lines {
		lines[i] = lineRow{
			OrderID: s.ID, LineID: line.ID, SKU: line.SKU, Name: line.Name, Quantity: line.Quantity,
			UnitPrice: line.UnitPrice.Amount, Total: line.Total.Amount,
		}
	}
	if err := insert(tx, lines); err != nil {
		return err
	}
	adjustments := make([]adjustmentRow, len(s.Adjustments))
	for i, a := range s.Adjustments {
		adjustments[i] = adjustmentRow{
			OrderID: s.ID, Number: i + 1, Kind: a.Kind, Code: a.Code, Description: a.Description, Amount: a.Amount.Amount,
		}
	}
	if err := insert(tx, adjustments); err != nil {
		return err
	}
	return insertEntries(tx, s.ID, o.Entries())
}

func insertEntries(tx *gorm.DB, id string, entries []order.Entry) error {
	rows := make([]entryRow, len(entries))
	for i, e := range entries {
		rows[i] = entryRow{OrderID: id, Number: e.Number, Status: string(e.Status), NotedAt: e.At.UnixMicro(), Note: e.Note}
	}
	return insert(tx, rows)
}

// insert stores rows with as few statements as possible; no rows need none.
func insert[T any](tx *gorm.DB, rows []T) error {
	switch {
	case len(rows) == 0:
		return nil
	case len(rows) <= batch:
		return tx.Create(&rows).Error
	default:
		return tx.CreateInBatches(&rows, batch).Error
	}
}

// changed returns the columns in which two rows of an order differ.
func changed(was, is orderRow) map[string]any {
	columns := map[string]any{}
	set(columns, "status", was.Status, is.Status)
	set(columns, "cancel_reason", was.CancelReason, is.CancelReason)
	set(columns, "cancellation_requested", was.CancellationRequested, is.CancellationRequested)
	set(columns, "payment_token", was.PaymentToken, is.PaymentToken)
	set(columns, "address_name", was.AddressName, is.AddressName)
	set(columns, "address_line1", was.AddressLine1, is.AddressLine1)
	set(columns, "address_line2", was.AddressLine2, is.AddressLine2)
	set(columns, "address_city", was.AddressCity, is.AddressCity)
	set(columns, "address_postal_code", was.AddressPostalCode, is.AddressPostalCode)
	set(columns, "last_entry", was.LastEntry, is.LastEntry)
	set(columns, "refunded", was.Refunded, is.Refunded)
	set(columns, "stock_settled", was.StockSettled, is.StockSettled)
	set(columns, "money_settled", was.MoneySettled, is.MoneySettled)
	set(columns, "refund_failed", was.RefundFailed, is.RefundFailed)
	return columns
}

func set[T comparable](columns map[string]any, name string, was, is T) {
	if was != is {
		columns[name] = is
	}
}

// saveReturns stores the returns that are new and those that changed.
func saveReturns(tx *gorm.DB, was, is []order.Return) error {
	for i, r := range is {
		switch {
		case i >= len(was):
			if err := insertReturn(tx, r); err != nil {
				return err
			}
		case r.Status != was[i].Status:
			row := returnRowOf(r)
			columns := map[string]any{
				"status": row.Status, "note": row.Note, "amount": row.Amount, "decided_at": row.DecidedAt,
			}
			if err := tx.Model(&returnRow{}).Where("id = ?", r.ID).Updates(columns).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

func insertReturn(tx *gorm.DB, r order.Return) error {
	row := returnRowOf(r)
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	lines := make([]returnLineRow, len(r.Lines))
	for i, line := range r.Lines {
		lines[i] = returnLineRow{ReturnID: r.ID, LineID: line.LineID, SKU: line.SKU, Quantity: line.Quantity}
	}
	return insert(tx, lines)
}
