// Package store keeps the simulated provider's own books.
package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// CallBack is the kind of the tasks that give an answer unasked.
const CallBack = "call-back"

// Books are the provider's accounts, requests and statement.
type Books struct {
	db    *database.DB
	queue *tasks.Queue
}

// NewBooks returns the books in db, which is no module's. Call-backs become tasks of queue.
func NewBooks(db *database.DB, queue *tasks.Queue) *Books { return &Books{db, queue} }

// Update loads the account of a payment, which is new if there is none, lets change act on it, and saves
// it with its movements and call-backs.
func (b *Books) Update(ctx context.Context, paymentID string, change func(*simulator.Account) error) error {
	update := func(ctx context.Context, tx *gorm.DB) error {
		account, err := load(tx, paymentID)
		if err != nil {
			return err
		}
		before, known := accountRowOf(account), slices.Clone(account.Records)
		if err := change(account); err != nil {
			return err
		}
		return b.save(ctx, tx, account, before, known)
	}
	err := b.db.Do(ctx, update)
	if errors.Is(err, gorm.ErrDuplicatedKey) { // somebody else opened the account at that moment: it is there now
		err = b.db.Do(ctx, update)
	}
	return err
}

func load(tx *gorm.DB, paymentID string) (*simulator.Account, error) {
	account := &simulator.Account{PaymentID: paymentID}
	var found []accountRow
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("payment_id = ?", paymentID).Limit(1).Find(&found).Error; err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return account, nil
	}
	r := found[0]
	account.Card, account.Status, account.Amount = r.Card, simulator.Status(r.Status), money.New(r.Amount, r.Currency)
	account.Refunded, account.RefundRefused = r.Refunded, r.RefundRefused
	if r.DecidesAt != 0 {
		account.DecidesAt = time.UnixMicro(r.DecidesAt).UTC()
	}
	var requests []requestRow
	if err := tx.Where("payment_id = ?", paymentID).Order("asked_at").Find(&requests).Error; err != nil {
		return nil, err
	}
	for _, request := range requests {
		account.Records = append(account.Records, request.record())
	}
	return account, nil
}

func (b *Books) save(ctx context.Context, tx *gorm.DB, a *simulator.Account, before accountRow, known []simulator.Record) error {
	if a.Status == "" {
		return nil
	}
	if account := accountRowOf(a); account != before {
		if err := write(tx, before.Status == "")(&account).Error; err != nil {
			return err
		}
	}
	for i, record := range a.Records {
		isNew := i >= len(known)
		if !isNew && known[i] == record {
			continue
		}
		r := requestRowOf(a.PaymentID, record)
		if err := write(tx, isNew)(&r).Error; err != nil {
			return err
		}
	}
	for _, m := range a.Moved {
		r := movementRow{
			Reference: m.Reference, PaymentID: a.PaymentID, Movement: string(m.Call),
			Currency: m.Amount.Currency, Amount: m.Amount.Amount, BookedAt: m.At.UnixMicro(),
		}
		if err := tx.Create(&r).Error; err != nil {
			return err
		}
	}
	for _, due := range a.CallBacks {
		if err := b.queue.Add(ctx, CallBack, string(due.Call)+" "+due.Key, due, due.Due); err != nil {
			return err
		}
	}
	return nil
}

// write is how a row is written: one that is new is never written over another.
func write(tx *gorm.DB, isNew bool) func(row any) *gorm.DB {
	if isNew {
		return tx.Create
	}
	return tx.Select("*").Updates
}

// A Line is what the provider's statement says of one payment.
type Line struct {
	PaymentID  string      `json:"payment_id"`
	Authorized money.Money `json:"authorized"`
	Captured   money.Money `json:"captured"`
	Refunded   money.Money `json:"refunded"`
	Voided     money.Money `json:"voided"`
}

// Statement sums what was moved for each payment, in the order of the payments' ids.
func Statement(ctx context.Context, db *database.DB) (lines []Line, err error) {
	var sums []struct {
		PaymentID string `gorm:"column:payment_id"`
		Movement  string `gorm:"column:movement"`
		Currency  string `gorm:"column:currency"`
		Amount    int64  `gorm:"column:amount"`
	}
	err = db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&movementRow{}).Select("payment_id, movement, currency, SUM(amount) AS amount").
			Group("payment_id, movement, currency").Order("payment_id").Find(&sums).Error
	})
	for _, sum := range sums {
		if len(lines) == 0 || lines[len(lines)-1].PaymentID != sum.PaymentID {
			nothing := money.New(0, sum.Currency)
			lines = append(lines, Line{sum.PaymentID, nothing, nothing, nothing, nothing})
		}
		line := &lines[len(lines)-1]
		amount := map[payment.Call]*money.Money{
			payment.Authorize: &line.Authorized, payment.Capture: &line.Captured,
			payment.PayBack: &line.Refunded, payment.Void: &line.Voided,
		}[payment.Call(sum.Movement)]
		*amount = money.New(sum.Amount, sum.Currency)
	}
	return lines, err
}
