package store

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// orderRow is an order as the database sees it: no rules, only columns.
type orderRow struct {
	ID                    string  `gorm:"column:id;primaryKey"`
	CustomerID            string  `gorm:"column:customer_id"`
	Reference             *string `gorm:"column:reference"`
	Content               string  `gorm:"column:content"`
	Status                string  `gorm:"column:status"`
	CancelReason          string  `gorm:"column:cancel_reason"`
	CancellationRequested bool    `gorm:"column:cancellation_requested"`
	PaymentToken          string  `gorm:"column:payment_token"`
	AddressName           string  `gorm:"column:address_name"`
	AddressLine1          string  `gorm:"column:address_line1"`
	AddressLine2          string  `gorm:"column:address_line2"`
	AddressCity           string  `gorm:"column:address_city"`
	AddressPostalCode     string  `gorm:"column:address_postal_code"`
	AddressCountry        string  `gorm:"column:address_country"`
	CustomerGone          bool    `gorm:"column:customer_gone"`
	LineCount             int64   `gorm:"column:line_count"`
	LastEntry             int64   `gorm:"column:last_entry"`
	Currency              string  `gorm:"column:currency"`
	Goods                 int64   `gorm:"column:goods"`
	Fees                  int64   `gorm:"column:fees"`
	Discounts             int64   `gorm:"column:discounts"`
	Total                 int64   `gorm:"column:total"`
	Refunded              int64   `gorm:"column:refunded"`
	PlacedAt              int64   `gorm:"column:placed_at"`
	DeadlineAt            int64   `gorm:"column:deadline_at"`
	StockSettled          bool    `gorm:"column:stock_settled"`
	MoneySettled          bool    `gorm:"column:money_settled"`
	RefundFailed          bool    `gorm:"column:refund_failed"`
}

func (orderRow) TableName() string { return "orders" }

type lineRow struct {
	OrderID   string `gorm:"column:order_id"`
	LineID    string `gorm:"column:line_id"`
	SKU       string `gorm:"column:sku"`
	Name      string `gorm:"column:name"`
	Quantity  int64  `gorm:"column:quantity"`
	UnitPrice int64  `gorm:"column:unit_price"`
	Total     int64  `gorm:"column:total"`
}

func (lineRow) TableName() string { return "order_lines" }

type adjustmentRow struct {
	OrderID     string `gorm:"column:order_id"`
	Number      int    `gorm:"column:number"`
	Kind        string `gorm:"column:kind"`
	Code        string `gorm:"column:code"`
	Description string `gorm:"column:description"`
	Amount      int64  `gorm:"column:amount"`
}

func (adjustmentRow) TableName() string { return "adjustments" }

type entryRow struct {
	OrderID string `gorm:"column:order_id"`
	Number  int64  `gorm:"column:number"`
	Status  string `gorm:"column:status"`
	NotedAt int64  `gorm:"column:noted_at"`
	Note    string `gorm:"column:note"`
}

func (entryRow) TableName() string { return "history" }

type returnRow struct {
	ID        string `gorm:"column:id;primaryKey"`
	OrderID   string `gorm:"column:order_id"`
	Status    string `gorm:"column:status"`
	Reason    string `gorm:"column:reason"`
	Note      string `gorm:"column:note"`
	Currency  string `gorm:"column:currency"`
	Amount    int64  `gorm:"column:amount"`
	CreatedAt int64  `gorm:"column:created_at;autoCreateTime:false"`
	DecidedAt *int64 `gorm:"column:decided_at"`
}

func (returnRow) TableName() string { return "returns" }

type returnLineRow struct {
	ReturnID string `gorm:"column:return_id"`
	LineID   string `gorm:"column:line_id"`
	SKU      string `gorm:"column:sku"`
	Quantity int64  `gorm:"column:quantity"`
}

func (returnLineRow) TableName() string { return "return_lines" }

func rowOf(s order.State) orderRow {
	return orderRow{
		ID: s.ID, CustomerID: s.CustomerID, Reference: optional(s.Reference), Content: s.Content,
		Status: string(s.Status), CancelReason: s.CancelReason, CancellationRequested: s.CancellationRequested,
		PaymentToken: s.PaymentToken,
		AddressName:  s.Address.Name, AddressLine1: s.Address.Line1, AddressLine2: s.Address.Line2,
		AddressCity: s.Address.City, AddressPostalCode: s.Address.PostalCode, AddressCountry: s.Address.Country,
		CustomerGone: s.CustomerGone, LineCount: s.LineCount, LastEntry: s.LastEntry,
		Currency: s.Total.Currency, Goods: s.Goods.Amount, Fees: s.Fees.Amount, Discounts: s.Discounts.Amount,
		Total: s.Total.Amount, Refunded: s.Refunded.Amount,
		PlacedAt: s.PlacedAt.UnixMicro(), DeadlineAt: s.DeadlineAt.UnixMicro(),
		StockSettled: s.StockSettled, MoneySettled: s.MoneySettled, RefundFailed: s.RefundFailed,
	}
}

func (r orderRow) state() order.State {
	amount := func(n int64) money.Money { return money.New(n, r.Currency) }
	s := order.State{
		ID: r.ID, CustomerID: r.CustomerID, Content: r.Content,
		Status: order.Status(r.Status), CancelReason: r.CancelReason, CancellationRequested: r.CancellationRequested,
		PaymentToken: r.PaymentToken,
		Address: ordering.Address{
			Name: r.AddressName, Line1: r.AddressLine1, Line2: r.AddressLine2,
			City: r.AddressCity, PostalCode: r.AddressPostalCode, Country: r.AddressCountry,
		},
		CustomerGone: r.CustomerGone, LineCount: r.LineCount, LastEntry: r.LastEntry,
		Goods: amount(r.Goods), Fees: amount(r.Fees), Discounts: amount(r.Discounts),
		Total: amount(r.Total), Refunded: amount(r.Refunded),
		PlacedAt: timeOf(r.PlacedAt), DeadlineAt: timeOf(r.DeadlineAt),
		StockSettled: r.StockSettled, MoneySettled: r.MoneySettled, RefundFailed: r.RefundFailed,
	}
	if r.Reference != nil {
		s.Reference = *r.Reference
	}
	return s
}

func returnRowOf(r order.Return) returnRow {
	row := returnRow{
		ID: r.ID, OrderID: r.OrderID, Status: string(r.Status), Reason: r.Reason, Note: r.Note,
		Currency: r.Amount.Currency, Amount: r.Amount.Amount, CreatedAt: r.CreatedAt.UnixMicro(),
	}
	if !r.DecidedAt.IsZero() {
		decided := r.DecidedAt.UnixMicro()
		row.DecidedAt = &decided
	}
	return row
}

func (r returnRow) domain(lines []ordering.Line) order.Return {
	back := order.Return{
		ID: r.ID, OrderID: r.OrderID, Status: order.ReturnStatus(r.Status), Reason: r.Reason, Note: r.Note,
		Lines: lines, Amount: money.New(r.Amount, r.Currency), CreatedAt: timeOf(r.CreatedAt),
	}
	if r.DecidedAt != nil {
		back.DecidedAt = timeOf(*r.DecidedAt)
	}
	return back
}

func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
