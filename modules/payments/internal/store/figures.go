package store

import (
	"context"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Figures are all that there is to count of payments, on one snapshot.
type Figures struct {
	Orders       []OrderFigure `json:"orders"`
	Ledger       []money.Money `json:"ledger"`       // the sum of all postings of each currency: zero
	Transactions int64         `json:"transactions"` // of the ledger
	Unbalanced   []Imbalance   `json:"unbalanced"`   // transactions whose postings do not sum to zero: none
	Alarms       int64         `json:"alarms"`
}

// An Imbalance is by how much the postings of a transaction fail to sum to zero in a currency.
type Imbalance struct {
	Kind      ledger.Kind `json:"kind"`
	Reference string      `json:"reference"`
	Sum       money.Money `json:"sum"`
}

// An OrderFigure is what payments believe of one order: the payment itself, and the books about it.
type OrderFigure struct {
	OrderID        string         `json:"order_id"`
	PaymentID      string         `json:"payment_id"`
	Status         payment.Status `json:"status"`
	InFlight       bool           `json:"in_flight"` // the provider has been asked and has not answered
	Captured       money.Money    `json:"captured"`
	Refunded       money.Money    `json:"refunded"`
	LedgerCaptured money.Money    `json:"ledger_captured"`
	LedgerRefunded money.Money    `json:"ledger_refunded"`
}

// Count counts every payment in db, in the order of their ids.
func Count(ctx context.Context, db *database.DB) (f Figures, err error) {
	err = db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		f = Figures{}
		if err := tx.Model(&alarmRow{}).Count(&f.Alarms).Error; err != nil {
			return err
		}
		if err := countLedger(tx, &f); err != nil {
			return err
		}
		return countOrders(tx, &f)
	})
	return f, err
}

func countLedger(tx *gorm.DB, f *Figures) error {
	var sums []struct {
		Currency string `gorm:"column:currency"`
		Amount   int64  `gorm:"column:amount"`
	}
	err := tx.Model(&postingRow{}).Select("currency, SUM(amount) AS amount").Group("currency").Order("currency").Find(&sums).Error
	for _, sum := range sums {
		f.Ledger = append(f.Ledger, money.New(sum.Amount, sum.Currency))
	}
	if err != nil {
		return err
	}
	if err := tx.Model(&transactionRow{}).Count(&f.Transactions).Error; err != nil {
		return err
	}
	return countUnbalanced(tx, f)
}

func countUnbalanced(tx *gorm.DB, f *Figures) error {
	var sums []struct {
		Kind      string `gorm:"column:kind"`
		Reference string `gorm:"column:reference"`
		Currency  string `gorm:"column:currency"`
		Amount    int64  `gorm:"column:amount"`
	}
	err := tx.Model(&postingRow{}).Select("kind, reference, currency, SUM(amount) AS amount").
		Group("kind, reference, currency").Having("SUM(amount) <> 0").Order("kind, reference, currency").Find(&sums).Error
	for _, sum := range sums {
		f.Unbalanced = append(f.Unbalanced, Imbalance{ledger.Kind(sum.Kind), sum.Reference, money.New(sum.Amount, sum.Currency)})
	}
	return err
}

func countOrders(tx *gorm.DB, f *Figures) error {
	moved, err := clearing(tx)
	if err != nil {
		return err
	}
	waiting, err := refundsUnderWay(tx)
	if err != nil {
		return err
	}
	var rows []row
	if err := tx.Order("id").Find(&rows).Error; err != nil {
		return err
	}
	f.Orders = make([]OrderFigure, len(rows))
	for i, r := range rows {
		s := r.state()
		f.Orders[i] = OrderFigure{
			OrderID: s.OrderID, PaymentID: s.ID, Status: s.Status, InFlight: s.Status.Waits() || waiting[s.ID],
			Captured: s.Captured, Refunded: s.Refunded,
			LedgerCaptured: money.New(moved[movement{s.ID, ledger.Captured}], r.Currency),
			LedgerRefunded: money.New(-moved[movement{s.ID, ledger.RefundPaid}], r.Currency),
		}
	}
	return nil
}

type movement struct {
	paymentID string
	kind      ledger.Kind
}

// clearing sums what the books say the provider took and paid back.
func clearing(tx *gorm.DB) (map[movement]int64, error) {
	var sums []struct {
		PaymentID string `gorm:"column:payment_id"`
		Kind      string `gorm:"column:kind"`
		Amount    int64  `gorm:"column:amount"`
	}
	err := tx.Table("ledger_postings AS p").Select("t.payment_id, t.kind, SUM(p.amount) AS amount").
		Joins("JOIN ledger_transactions AS t ON t.kind = p.kind AND t.reference = p.reference").
		Where("p.account = ?", string(ledger.Clearing)).Group("t.payment_id, t.kind").Find(&sums).Error
	moved := make(map[movement]int64, len(sums))
	for _, sum := range sums {
		moved[movement{sum.PaymentID, ledger.Kind(sum.Kind)}] = sum.Amount
	}
	return moved, err
}

func refundsUnderWay(tx *gorm.DB) (map[string]bool, error) {
	var ids []string
	err := tx.Model(&refundRow{}).Where("status = ?", string(payment.RefundRequested)).Pluck("payment_id", &ids).Error
	waiting := make(map[string]bool, len(ids))
	for _, id := range ids {
		waiting[id] = true
	}
	return waiting, err
}
