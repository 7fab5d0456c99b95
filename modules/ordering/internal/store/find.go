package store

import (
	"context"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Reach says whose orders may be looked at. The zero Reach reaches none.
type Reach struct {
	customer  string
	everybody bool
}

// Everybody reaches all orders.
var Everybody = Reach{everybody: true}

// Of reaches one customer's orders.
func Of(customer string) Reach { return Reach{customer: customer} }

func (r Reach) narrow(tx *gorm.DB) *gorm.DB {
	if r.everybody {
		return tx
	}
	return tx.Where("customer_id = ?", r.customer)
}

// A Filter says which orders are meant; an empty Reference or Status counts for all.
type Filter struct {
	Reach     Reach
	Reference string
	Status    string
}

// Find returns an order with all its parts. An order out of reach is looked up and answered like one
// that is not there.
func (s *Orders) Find(ctx context.Context, id string, reach Reach) (state order.State, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		if state, err = byID(reach.narrow(tx), id); err != nil {
			return err
		}
		for _, part := range []func(*gorm.DB, *order.State) error{loadLines, loadAdjustments, loadHistory, loadReturns} {
			if err := part(tx, &state); err != nil {
				return err
			}
		}
		return nil
	})
	return state, err
}

// Visible returns an error unless the order is there and within reach.
func (s *Orders) Visible(ctx context.Context, id string, reach Reach) error {
	return s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		_, err := byID(reach.narrow(tx), id)
		return err
	})
}

// HistoryAfter returns an order without its parts but for the history entries after a number. An order
// out of reach is answered like one that is not there.
func (s *Orders) HistoryAfter(ctx context.Context, id string, reach Reach, number int64) (state order.State, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		state, err = byID(reach.narrow(tx), id)
		if err != nil || state.LastEntry <= number {
			return err
		}
		return loadHistory(tx.Where("number > ?", number), &state)
	})
	return state, err
}

// ByReference returns the order with that reference, without its parts.
func (s *Orders) ByReference(ctx context.Context, reference string) (state order.State, found bool, err error) {
	err = s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		state, err = byReference(tx, reference)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return state, false, nil
	}
	return state, err == nil, err
}

// List returns orders without their parts, latest first: at most limit that come after the order with
// the id after, which is empty for the first.
func (s *Orders) List(ctx context.Context, f Filter, after string, limit int) ([]order.State, error) {
	var rows []orderRow
	err := s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		tx = f.Reach.narrow(tx)
		if f.Reference != "" {
			tx = tx.Where("reference = ?", f.Reference)
		}
		if f.Status != "" {
			tx = tx.Where("status = ?", f.Status)
		}
		if after != "" {
			tx = tx.Where("id < ?", after)
		}
		return tx.Order("id DESC").Limit(limit).Find(&rows).Error
	})
	states := make([]order.State, len(rows))
	for i, row := range rows {
		states[i] = row.state()
	}
	return states, err
}

func byReference(tx *gorm.DB, reference string) (order.State, error) {
	return load(tx, "reference = ?", reference)
}

func loadLines(tx *gorm.DB, s *order.State) error {
	var rows []lineRow
	err := tx.Where("order_id = ?", s.ID).Order("line_id").Find(&rows).Error
	s.Lines = make([]order.Line, len(rows))
	for i, r := range rows {
		s.Lines[i] = order.Line{
			ID: r.LineID, SKU: r.SKU, Name: r.Name, Quantity: r.Quantity,
			UnitPrice: money.New(r.UnitPrice, s.Total.Currency), Total: money.New(r.Total, s.Total.Currency),
		}
	}
	return err
}

func loadAdjustments(tx *gorm.DB, s *order.State) error {
	var rows []adjustmentRow
	err := tx.Where("order_id = ?", s.ID).Order("number").Find(&rows).Error
	for _, r := range rows {
		s.Adjustments = append(s.Adjustments, order.Adjustment{
			Kind: r.Kind, Code: r.Code, Description: r.Description, Amount: money.New(r.Amount, s.Total.Currency),
		})
	}
	return err
}

func loadHistory(tx *gorm.DB, s *order.State) error {
	var rows []entryRow
	err := tx.Where("order_id = ?", s.ID).Order("number").Find(&rows).Error
	for _, r := range rows {
		s.History = append(s.History, order.Entry{
			Number: r.Number, Status: order.Status(r.Status), At: timeOf(r.NotedAt), Note: r.Note,
		})
	}
	return err
}

func loadReturns(tx *gorm.DB, s *order.State) error {
	var rows []returnRow
	err := tx.Where("order_id = ?", s.ID).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	s.Returns, err = withLines(tx, rows)
	return err
}

// withLines loads the lines of returns with one query.
func withLines(tx *gorm.DB, rows []returnRow) ([]order.Return, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	var lines []returnLineRow
	if err := tx.Where("return_id IN ?", ids).Order("line_id").Find(&lines).Error; err != nil {
		return nil, err
	}
	byReturn := map[string][]ordering.Line{}
	for _, l := range lines {
		byReturn[l.ReturnID] = append(byReturn[l.ReturnID], ordering.Line{LineID: l.LineID, SKU: l.SKU, Quantity: l.Quantity})
	}
	returns := make([]order.Return, len(rows))
	for i, row := range rows {
		returns[i] = row.domain(byReturn[row.ID])
	}
	return returns, nil
}
