// Package store keeps payments, what the provider answered, and the books.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Payments are the payments of all orders.
type Payments struct {
	db     *database.DB
	outbox *outbox.Outbox
	queue  *tasks.Queue
	alarms prometheus.Counter
}

// NewPayments returns the payments in db. What happens to them is announced through o; what the
// provider has to be asked becomes tasks of queue.
func NewPayments(db *database.DB, o *outbox.Outbox, queue *tasks.Queue) *Payments {
	alarms := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "pangaea_payments_alarms_total",
		Help: "Answers of the payment provider and messages about payments that cannot be right.",
	})
	return &Payments{db: db, outbox: o, queue: queue, alarms: alarms}
}

// Alarms counts the alarms that were raised since the start.
func (s *Payments) Alarms() prometheus.Collector { return s.alarms }

// Update loads the payment of an order, which is new if there is none, lets change act on it, and saves
// the outcome with all that follows from it: all or nothing.
func (s *Payments) Update(ctx context.Context, orderID string, change func(*payment.Payment) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		now := time.Now().UTC()
		p := payment.For(orderID, now)
		state, err := load(tx.Clauses(clause.Locking{Strength: "UPDATE"}), tx, "order_id", orderID)
		switch {
		case err == nil:
			p = payment.Restore(state, now)
		case !fault.Is(err, fault.NotFound):
			return err
		}
		if err := change(p); err != nil {
			return err
		}
		return s.save(ctx, tx, state, p)
	})
}

// UpdatePayment is Update for a payment that exists, by its own id.
func (s *Payments) UpdatePayment(ctx context.Context, id string, change func(*payment.Payment) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		state, err := load(tx.Clauses(clause.Locking{Strength: "UPDATE"}), tx, "id", id)
		if err != nil {
			return err
		}
		p := payment.Restore(state, time.Now().UTC())
		if err := change(p); err != nil {
			return err
		}
		return s.save(ctx, tx, state, p)
	})
}

// UpdateRefund is Update for the payment that a refund belongs to. change's ctx is that of the unit of work.
func (s *Payments) UpdateRefund(ctx context.Context, id string, change func(context.Context, *payment.Payment) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var found refundRow
		if err := first(tx.Where("id = ?", id), &found, "refund"); err != nil {
			return err
		}
		if found.ID != id { // MySQL reads over a space at the end
			return fault.New(fault.NotFound, "there is no such refund")
		}
		return s.UpdatePayment(ctx, found.PaymentID, func(p *payment.Payment) error { return change(ctx, p) })
	})
}

// Find returns the payment with that id.
func (s *Payments) Find(ctx context.Context, id string) (state payment.State, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		state, err = load(tx, tx, "id", id)
		return err
	})
	return state, err
}

// Wants reports whether a payment still waits for an answer to a request, and the card it is about.
func (s *Payments) Wants(ctx context.Context, r payment.Request) (wanted bool, cardToken string, err error) {
	state, err := s.asked(ctx, r)
	return state.Wants(r), state.CardToken, err
}

// asked returns as much of a payment as says whether a request is wanted: its refunds where it is one of them.
func (s *Payments) asked(ctx context.Context, r payment.Request) (payment.State, error) {
	if r.Call == payment.PayBack {
		return s.Find(ctx, r.PaymentID)
	}
	var found row
	err := s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return first(tx.Where("id = ?", r.PaymentID), &found, "payment")
	})
	return found.state(), err
}

// AskAgain makes a request once more, after a while.
func (s *Payments) AskAgain(ctx context.Context, i payment.Inquiry, after time.Duration) error {
	return s.db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error {
		return s.queue.Add(ctx, string(i.Request.Call), i.Key(), i, time.Now().UTC().Add(after))
	})
}

// load reads the payment where column is value, its row through locked.
func load(locked, tx *gorm.DB, column, value string) (payment.State, error) {
	var found row
	if err := first(locked.Where(clause.Eq{Column: clause.Column{Name: column}, Value: value}), &found, "payment"); err != nil {
		return payment.State{}, err
	}
	states, err := complete(tx, []row{found})
	if err != nil {
		return payment.State{}, err
	}
	return states[0], nil
}

// complete adds to payments their refunds and answers.
func complete(tx *gorm.DB, rows []row) ([]payment.State, error) {
	ids, at := make([]string, len(rows)), map[string]int{}
	states := make([]payment.State, len(rows))
	for i, r := range rows {
		ids[i], at[r.ID], states[i] = r.ID, i, r.state()
	}
	var refunds []refundRow
	if err := tx.Where("payment_id IN ?", ids).Order("id").Find(&refunds).Error; err != nil {
		return nil, err
	}
	for _, r := range refunds {
		s := &states[at[r.PaymentID]]
		s.Refunds = append(s.Refunds, r.refund(s.Amount.Currency))
	}
	var answers []answerRow
	if err := tx.Where("payment_id IN ?", ids).Order("heard_at").Find(&answers).Error; err != nil {
		return nil, err
	}
	for _, a := range answers {
		s := &states[at[a.PaymentID]]
		s.Answers = append(s.Answers, a.answer())
	}
	return states, nil
}

// first reads one row; there being none is fault.NotFound.
func first(query *gorm.DB, into any, what string) error {
	err := query.Take(into).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fault.New(fault.NotFound, "there is no such %s", what)
	}
	return err
}
