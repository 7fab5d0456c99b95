package store

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	"github.com/pangaea-shop/pangaea/platform/money"
)

type accountRow struct {
	PaymentID     string `gorm:"column:payment_id;primaryKey"`
	Card          string `gorm:"column:card"`
	Status        string `gorm:"column:status"`
	Currency      string `gorm:"column:currency"`
	Amount        int64  `gorm:"column:amount"`
	Refunded      int64  `gorm:"column:refunded"`
	RefundRefused bool   `gorm:"column:refund_refused"`
	DecidesAt     int64  `gorm:"column:decides_at"`
}

type requestRow struct {
	RequestCall string `gorm:"column:request_call;primaryKey"`
	RequestKey  string `gorm:"column:request_key;primaryKey"`
	PaymentID   string `gorm:"column:payment_id"`
	Currency    string `gorm:"column:currency"`
	Amount      int64  `gorm:"column:amount"`
	Outcome     string `gorm:"column:outcome"`
	Reason      string `gorm:"column:reason"`
	Reference   string `gorm:"column:reference"`
	AskedAt     int64  `gorm:"column:asked_at"`
}

type movementRow struct {
	Reference string `gorm:"column:reference;primaryKey"`
	PaymentID string `gorm:"column:payment_id"`
	Movement  string `gorm:"column:movement"`
	Currency  string `gorm:"column:currency"`
	Amount    int64  `gorm:"column:amount"`
	BookedAt  int64  `gorm:"column:booked_at"`
}

// TableName names the table.
func (accountRow) TableName() string { return "provider_accounts" }

// TableName names the table.
func (requestRow) TableName() string { return "provider_requests" }

// TableName names the table.
func (movementRow) TableName() string { return "provider_statement" }

func accountRowOf(a *simulator.Account) accountRow {
	r := accountRow{
		PaymentID: a.PaymentID, Card: a.Card, Status: string(a.Status), Currency: a.Amount.Currency,
		Amount: a.Amount.Amount, Refunded: a.Refunded, RefundRefused: a.RefundRefused,
	}
	if !a.DecidesAt.IsZero() {
		r.DecidesAt = a.DecidesAt.UnixMicro()
	}
	return r
}

func requestRowOf(paymentID string, r simulator.Record) requestRow {
	return requestRow{
		RequestCall: string(r.Call), RequestKey: r.Key, PaymentID: paymentID, Currency: r.Amount.Currency, Amount: r.Amount.Amount,
		Outcome: string(r.Outcome), Reason: r.Reason, Reference: r.Reference, AskedAt: r.AskedAt.UnixMicro(),
	}
}

func (r requestRow) record() simulator.Record {
	return simulator.Record{
		Call: payment.Call(r.RequestCall), Key: r.RequestKey, Amount: money.New(r.Amount, r.Currency),
		Outcome: simulator.Outcome(r.Outcome), Reason: r.Reason, Reference: r.Reference, AskedAt: time.UnixMicro(r.AskedAt).UTC(),
	}
}
