package web

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Summary is an order without its parts.
type Summary struct {
	ID                    string      `json:"id"`
	CustomerID            string      `json:"customer_id"`
	Reference             string      `json:"reference,omitempty"`
	Status                string      `json:"status" enum:"placed,reserved,confirmed,paid,dispatched,delivered,cancelled"`
	CancelReason          string      `json:"cancel_reason,omitempty" enum:"out_of_stock,payment_declined,payment_failed,customer,timed_out"`
	CancellationRequested bool        `json:"cancellation_requested,omitempty" doc:"We try to keep the goods back"`
	LineCount             int64       `json:"line_count"`
	GoodsTotal            money.Money `json:"goods_total" doc:"Sum of the lines"`
	Total                 money.Money `json:"total" doc:"Goods and fees less discounts"`
	Refunded              money.Money `json:"refunded"`
	PlacedAt              time.Time   `json:"placed_at"`
	DeadlineAt            time.Time   `json:"deadline_at" doc:"Cancelled if not paid by then"`
	Settled               bool        `json:"settled" doc:"Delivered, or cancelled with goods and money back"`
}

// Order is an order with all its parts.
type Order struct {
	Summary
	Lines           []Line       `json:"lines"`
	Adjustments     []Adjustment `json:"adjustments"`
	ShippingAddress Address      `json:"shipping_address"`
	History         []Entry      `json:"history"`
	Returns         []Return     `json:"returns"`
}

// Line is a quantity of one product in an order.
type Line struct {
	LineID    string      `json:"line_id"`
	SKU       string      `json:"sku"`
	Name      string      `json:"name"`
	Quantity  int64       `json:"quantity"`
	UnitPrice money.Money `json:"unit_price"`
	Total     money.Money `json:"total"`
	Returned  int64       `json:"returned" doc:"How many were taken back"`
}

// Entry is one step of an order's history.
type Entry struct {
	Number int64     `json:"number" doc:"1 for the first"`
	Status string    `json:"status" enum:"placed,reserved,confirmed,paid,dispatched,delivered,cancelled"`
	At     time.Time `json:"at"`
	Note   string    `json:"note"`
}

// Return is goods of an order that come back.
type Return struct {
	ID        string       `json:"id"`
	OrderID   string       `json:"order_id"`
	Status    string       `json:"status" enum:"requested,accepted,rejected,refunded,refund_failed"`
	Reason    string       `json:"reason"`
	Note      string       `json:"note,omitempty" doc:"Why it was rejected"`
	Lines     []ReturnLine `json:"lines"`
	Amount    money.Money  `json:"amount" doc:"What goes back; an estimate until the return is accepted"`
	CreatedAt time.Time    `json:"created_at"`
	DecidedAt *time.Time   `json:"decided_at,omitempty"`
}

// ReturnLine is a quantity of one line of an order.
type ReturnLine struct {
	LineID   string `json:"line_id"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

func summaryOf(s order.State) Summary {
	return Summary{
		ID: s.ID, CustomerID: s.CustomerID, Reference: s.Reference,
		Status: string(s.Status), CancelReason: s.CancelReason, CancellationRequested: s.CancellationRequested,
		LineCount: s.LineCount, GoodsTotal: s.Goods, Total: s.Total, Refunded: s.Refunded,
		PlacedAt: s.PlacedAt, DeadlineAt: s.DeadlineAt, Settled: s.Settled(),
	}
}

func orderOf(s order.State) Order {
	returned := s.Returned()
	return Order{
		Summary: summaryOf(s), ShippingAddress: Address(s.Address),
		Lines: each(s.Lines, func(l order.Line) Line {
			return Line{
				LineID: l.ID, SKU: l.SKU, Name: l.Name, Quantity: l.Quantity,
				UnitPrice: l.UnitPrice, Total: l.Total, Returned: returned[l.ID],
			}
		}),
		Adjustments: each(s.Adjustments, func(a order.Adjustment) Adjustment { return Adjustment(a) }),
		History:     each(s.History, entryOf),
		Returns:     each(s.Returns, returnOf),
	}
}

func entryOf(e order.Entry) Entry {
	return Entry{Number: e.Number, Status: string(e.Status), At: e.At, Note: e.Note}
}

func returnOf(r order.Return) Return {
	view := Return{
		ID: r.ID, OrderID: r.OrderID, Status: string(r.Status), Reason: r.Reason, Note: r.Note,
		Lines:  each(r.Lines, func(l ordering.Line) ReturnLine { return ReturnLine(l) }),
		Amount: r.Amount, CreatedAt: r.CreatedAt,
	}
	if !r.DecidedAt.IsZero() {
		view.DecidedAt = &r.DecidedAt
	}
	return view
}

// each shows every item; no items are an empty list, never null.
func each[From, To any](items []From, show func(From) To) []To {
	shown := make([]To, len(items))
	for i, item := range items {
		shown[i] = show(item)
	}
	return shown
}
