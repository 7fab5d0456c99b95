package store

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/ledger"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// save writes what is new about p since before, and all that follows from it.
func (s *Payments) save(ctx context.Context, tx *gorm.DB, before payment.State, p *payment.Payment) error {
	after, changes := p.State(), p.Changes()
	if after.Status != payment.None {
		if err := saveState(tx, before, after); err != nil {
			return err
		}
	}
	for _, t := range changes.Postings {
		if err := post(tx, after.ID, t); err != nil {
			return err
		}
	}
	for _, alarm := range changes.Alarms {
		if err := s.raise(ctx, tx, alarm); err != nil {
			return err
		}
	}
	for _, request := range changes.Requests {
		first := payment.Inquiry{Request: request}
		if err := s.queue.Add(ctx, string(request.Call), first.Key(), first, time.Time{}); err != nil {
			return err
		}
	}
	events := make([]outbox.Event, len(changes.Events))
	for i, event := range changes.Events {
		events[i] = event
	}
	return s.outbox.Add(ctx, events...)
}

// saveState inserts what is new and updates what was loaded, and was locked. It never does the one where the
// other is meant: two who find no payment of an order both have a new one, and the second is an error.
func saveState(tx *gorm.DB, before, after payment.State) error {
	if r := rowOf(after); r != rowOf(before) {
		write := tx.Select("*").Updates
		if before.ID == "" {
			write = tx.Create
		}
		if err := write(&r).Error; err != nil {
			return err
		}
	}
	for i, refund := range after.Refunds {
		if slices.Contains(before.Refunds, refund) {
			continue
		}
		write := tx.Select("*").Updates
		if i >= len(before.Refunds) {
			write = tx.Create
		}
		r := refundRowOf(after.ID, refund)
		if err := write(&r).Error; err != nil {
			return err
		}
	}
	for _, answer := range after.Answers[len(before.Answers):] {
		r := answerRowOf(answer, after.ChangedAt)
		if err := tx.Create(&r).Error; err != nil {
			return err
		}
	}
	return nil
}

// post adds a transaction to the books, if it balances.
func post(tx *gorm.DB, paymentID string, t ledger.Transaction) error {
	if err := t.Check(); err != nil {
		return err
	}
	r := transactionRow{Kind: string(t.Kind), Reference: t.Reference, PaymentID: paymentID, PostedAt: t.At.UnixMicro()}
	if err := tx.Create(&r).Error; err != nil {
		return err
	}
	postings := make([]postingRow, len(t.Postings))
	for i, posting := range t.Postings {
		postings[i] = postingRow{
			Kind: r.Kind, Reference: r.Reference, Number: i + 1,
			Account: string(posting.Account), Currency: posting.Amount.Currency, Amount: posting.Amount.Amount,
		}
	}
	return tx.Create(&postings).Error
}

// raise keeps an alarm and, once it is kept, cries out.
func (s *Payments) raise(ctx context.Context, tx *gorm.DB, alarm payment.Alarm) error {
	r := alarmRow{OrderID: alarm.OrderID, Message: brief(alarm.Message), RaisedAt: alarm.At.UnixMicro()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error; err != nil {
		return err
	}
	database.AfterCommit(ctx, func() {
		s.alarms.Inc()
		slog.ErrorContext(ctx, "a payment needs somebody to look at it", "order", alarm.OrderID, "alarm", alarm.Message)
	})
	return nil
}

// brief is as much of an alarm as the key of every engine has room for.
func brief(message string) string {
	const most = 700
	runes := []rune(message)
	return string(runes[:min(len(runes), most)])
}
