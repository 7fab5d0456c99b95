package store

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// row is a payment as the database sees it: no rules, only columns.
type row struct {
	ID         string `gorm:"column:id;primaryKey"`
	OrderID    string `gorm:"column:order_id"`
	CustomerID string `gorm:"column:customer_id"`
	Status     string `gorm:"column:status"`
	Currency   string `gorm:"column:currency"`
	Amount     int64  `gorm:"column:amount"`
	Captured   int64  `gorm:"column:captured"`
	Refunded   int64  `gorm:"column:refunded"`
	CardToken  string `gorm:"column:card_token"`
	Held       bool   `gorm:"column:held"`
	Cancelled  bool   `gorm:"column:cancelled"`
	Answered   bool   `gorm:"column:answered"`
	Voids      int    `gorm:"column:voids"`
	OpenedAt   int64  `gorm:"column:opened_at"`
	ChangedAt  int64  `gorm:"column:changed_at"`
}

type refundRow struct {
	ID        string `gorm:"column:id;primaryKey"`
	PaymentID string `gorm:"column:payment_id"`
	ReturnID  string `gorm:"column:return_id"`
	Amount    int64  `gorm:"column:amount"`
	Status    string `gorm:"column:status"`
	Attempt   int    `gorm:"column:attempt"`
	Reason    string `gorm:"column:reason"`
	CreatedAt int64  `gorm:"column:created_at;autoCreateTime:false"`
}

type answerRow struct {
	Reference   string `gorm:"column:reference;primaryKey"`
	PaymentID   string `gorm:"column:payment_id"`
	RequestCall string `gorm:"column:request_call"`
	RequestKey  string `gorm:"column:request_key"`
	Accepted    bool   `gorm:"column:accepted"`
	Currency    string `gorm:"column:currency"`
	Amount      int64  `gorm:"column:amount"`
	Reason      string `gorm:"column:reason"`
	HeardAt     int64  `gorm:"column:heard_at"`
}

type alarmRow struct {
	OrderID  string `gorm:"column:order_id;primaryKey"`
	Message  string `gorm:"column:message;primaryKey"`
	RaisedAt int64  `gorm:"column:raised_at"`
}

type transactionRow struct {
	Kind      string `gorm:"column:kind;primaryKey"`
	Reference string `gorm:"column:reference;primaryKey"`
	PaymentID string `gorm:"column:payment_id"`
	PostedAt  int64  `gorm:"column:posted_at"`
}

type postingRow struct {
	Kind      string `gorm:"column:kind;primaryKey"`
	Reference string `gorm:"column:reference;primaryKey"`
	Number    int    `gorm:"column:number;primaryKey;autoIncrement:false"`
	Account   string `gorm:"column:account"`
	Currency  string `gorm:"column:currency"`
	Amount    int64  `gorm:"column:amount"`
}

// TableName names the table.
func (row) TableName() string { return "payments" }

// TableName names the table.
func (refundRow) TableName() string { return "refunds" }

// TableName names the table.
func (answerRow) TableName() string { return "provider_answers" }

// TableName names the table.
func (alarmRow) TableName() string { return "payment_alarms" }

// TableName names the table.
func (transactionRow) TableName() string { return "ledger_transactions" }

// TableName names the table.
func (postingRow) TableName() string { return "ledger_postings" }

func rowOf(s payment.State) row {
	return row{
		ID: s.ID, OrderID: s.OrderID, CustomerID: s.CustomerID, Status: string(s.Status),
		Currency: s.Amount.Currency, Amount: s.Amount.Amount, Captured: s.Captured.Amount, Refunded: s.Refunded.Amount,
		CardToken: s.CardToken, Held: s.Held, Cancelled: s.Cancelled, Answered: s.Answered, Voids: s.Voids,
		OpenedAt: s.OpenedAt.UnixMicro(), ChangedAt: s.ChangedAt.UnixMicro(),
	}
}

func (r row) state() payment.State {
	return payment.State{
		ID: r.ID, OrderID: r.OrderID, CustomerID: r.CustomerID, Status: payment.Status(r.Status),
		Amount: money.New(r.Amount, r.Currency), Captured: money.New(r.Captured, r.Currency), Refunded: money.New(r.Refunded, r.Currency),
		CardToken: r.CardToken, Held: r.Held, Cancelled: r.Cancelled, Answered: r.Answered, Voids: r.Voids,
		OpenedAt: moment(r.OpenedAt), ChangedAt: moment(r.ChangedAt),
	}
}

func refundRowOf(paymentID string, r payment.Refund) refundRow {
	return refundRow{
		ID: r.ID, PaymentID: paymentID, ReturnID: r.ReturnID, Amount: r.Amount.Amount, Status: string(r.Status),
		Attempt: r.Attempt, Reason: r.Reason, CreatedAt: r.CreatedAt.UnixMicro(),
	}
}

func (r refundRow) refund(currency string) payment.Refund {
	return payment.Refund{
		ID: r.ID, ReturnID: r.ReturnID, Amount: money.New(r.Amount, currency), Status: payment.RefundStatus(r.Status),
		Attempt: r.Attempt, Reason: r.Reason, CreatedAt: moment(r.CreatedAt),
	}
}

func answerRowOf(a payment.Answer, heard time.Time) answerRow {
	return answerRow{
		Reference: a.Reference, PaymentID: a.PaymentID, RequestCall: string(a.Call), RequestKey: a.Key, Accepted: a.Accepted,
		Currency: a.Amount.Currency, Amount: a.Amount.Amount, Reason: a.Reason, HeardAt: heard.UnixMicro(),
	}
}

func (r answerRow) answer() payment.Answer {
	return payment.Answer{
		Call: payment.Call(r.RequestCall), Key: r.RequestKey, PaymentID: r.PaymentID, Accepted: r.Accepted,
		Amount: money.New(r.Amount, r.Currency), Reference: r.Reference, Reason: r.Reason,
	}
}

func moment(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
