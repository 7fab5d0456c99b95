// Package simulator is a payment provider that is built in: somebody else's business in the same
// process. It keeps books of its own in a database of its own, remembers every request by its key, and
// misbehaves on demand: which way, the card's token says.
package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/cashier"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Settings are what can be set about the provider.
type Settings struct {
	LateAfter time.Duration `env:"PANGAEA_PROVIDER_LATE_AFTER" default:"45s" doc:"how long the simulated payment provider thinks about the card tok_late"`
}

// Books keep the accounts. Update loads the account of a payment, which is new if there is none, lets
// change act on it, and saves it with its movements and call-backs.
type Books interface {
	Update(ctx context.Context, paymentID string, change func(*Account) error) error
}

// A Provider is the simulated payment provider.
type Provider struct {
	books    Books
	settings Settings
	listener func(context.Context, payment.Answer) error
}

// New returns a provider with these books.
func New(books Books, settings Settings) *Provider {
	return &Provider{books: books, settings: settings}
}

// Tell names who hears the answers that are given unasked. It is called once, before the first of them.
func (p *Provider) Tell(listener func(context.Context, payment.Answer) error) { p.listener = listener }

// Authorize holds the amount, if the card allows it.
func (p *Provider) Authorize(ctx context.Context, r payment.Request, cardToken string) (payment.Answer, error) {
	return p.ask(ctx, r, cardToken)
}

// Capture takes what is held.
func (p *Provider) Capture(ctx context.Context, r payment.Request) (payment.Answer, error) {
	return p.ask(ctx, r, "")
}

// Void lets go what is held, and holds nothing later.
func (p *Provider) Void(ctx context.Context, r payment.Request) (payment.Answer, error) {
	return p.ask(ctx, r, "")
}

// Refund pays back a part of what was taken.
func (p *Provider) Refund(ctx context.Context, r payment.Request) (payment.Answer, error) {
	return p.ask(ctx, r, "")
}

func (p *Provider) ask(ctx context.Context, r payment.Request, cardToken string) (payment.Answer, error) {
	var given Record
	var silent bool
	err := p.books.Update(ctx, r.PaymentID, func(a *Account) (err error) {
		var first bool
		given, first, err = a.Ask(r, cardToken, p.settings.LateAfter, time.Now().UTC())
		silent = first && a.Card == Timeout
		return err
	})
	switch {
	case err != nil:
		return payment.Answer{}, err
	case given.Outcome != Pending:
		return given.answer(r.PaymentID), nil
	case silent:
		<-ctx.Done() // for ever, were it not for the caller
		return payment.Answer{}, fault.New(fault.Unknown, "the provider does not answer: %w", ctx.Err())
	default:
		return payment.Answer{}, cashier.ErrUndecided
	}
}

// CallBack does the task of giving an answer unasked.
func (p *Provider) CallBack(ctx context.Context, t tasks.Task) error {
	var due CallBack
	if err := json.Unmarshal(t.Payload, &due); err != nil {
		return tasks.Permanent(err)
	}
	var settled Record
	err := p.books.Update(ctx, due.PaymentID, func(a *Account) error {
		var known bool
		if settled, known = a.Settled(due.Call, due.Key, time.Now().UTC()); !known {
			return errors.New("the provider has not decided yet")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.listener(ctx, settled.answer(due.PaymentID))
}
