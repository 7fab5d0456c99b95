// Package cashier talks to the payment provider for the payments that want something of it.
//
//	task ─▶ still wanted? ─▶ provider ─┬─ answer ─▶ payment.Hear
//	                                   └─ none ───▶ the same request again, with the same key, after a while
//
// The call is made outside of any transaction and its answer recorded in one of its own. Whatever
// happens in between, the request is made again and the provider, which knows it by its key, answers
// the same; what is heard twice counts once. A provider that cannot be reached, or has not decided yet,
// is asked for as long as the payment wants the answer; only an answer that makes no sense uses up the
// task's attempts.
package cashier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Settings are what can be set about the provider's patience and ours.
type Settings struct {
	Timeout time.Duration `env:"PANGAEA_PROVIDER_TIMEOUT" default:"5s" doc:"how long a call of the payment provider may take before it is made again"`
}

// ErrUndecided is a provider's way to say that it has taken a request and answers later.
var ErrUndecided = fault.New(fault.Unavailable, "the provider has not decided yet")

// A Provider moves money. A request it has seen before, by call and key, is answered as before. An error
// of the kinds fault.Unavailable and fault.Unknown says that there is no answer yet.
type Provider interface {
	// Authorize holds the amount on the card.
	Authorize(ctx context.Context, r payment.Request, cardToken string) (payment.Answer, error)
	// Capture takes what is held.
	Capture(ctx context.Context, r payment.Request) (payment.Answer, error)
	// Void lets go what is held. Once it is accepted an authorization that was asked for before is refused.
	Void(ctx context.Context, r payment.Request) (payment.Answer, error)
	// Refund pays back a part of what was taken.
	Refund(ctx context.Context, r payment.Request) (payment.Answer, error)
}

// Payments says what is still wanted, saves what becomes of it, and keeps what has to be asked again.
type Payments interface {
	Wants(ctx context.Context, r payment.Request) (wanted bool, cardToken string, err error)
	UpdatePayment(ctx context.Context, id string, change func(*payment.Payment) error) error
	AskAgain(ctx context.Context, i payment.Inquiry, after time.Duration) error
}

// A Cashier asks the provider and records what it says.
type Cashier struct {
	payments Payments
	provider Provider
	settings Settings
}

// New returns a cashier between these payments and that provider.
func New(payments Payments, provider Provider, settings Settings) *Cashier {
	return &Cashier{payments, provider, settings}
}

// Ask does the task of making a request.
func (c *Cashier) Ask(ctx context.Context, t tasks.Task) error {
	var i payment.Inquiry
	if err := json.Unmarshal(t.Payload, &i); err != nil {
		return tasks.Permanent(err)
	}
	r := i.Request
	wanted, cardToken, err := c.payments.Wants(ctx, r)
	if err != nil {
		return named(r, err)
	}
	if !wanted {
		return nil // overtaken: by an answer on another way, or by the end of the order
	}
	answer, err := c.call(ctx, r, cardToken)
	switch {
	case fault.Is(err, fault.Unavailable), fault.Is(err, fault.Unknown):
		return named(r, c.payments.AskAgain(ctx, i.Again(), patience(i.Asked)))
	case err != nil:
		return named(r, err)
	}
	return named(r, c.record(ctx, r, answer))
}

// Hear records an answer that the provider gives on its own, whenever it likes.
func (c *Cashier) Hear(ctx context.Context, a payment.Answer) error {
	return c.payments.UpdatePayment(ctx, a.PaymentID, func(p *payment.Payment) error {
		p.Hear(a)
		return nil
	})
}

func (c *Cashier) call(ctx context.Context, r payment.Request, cardToken string) (answer payment.Answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.settings.Timeout)
	defer cancel()
	switch r.Call {
	case payment.Authorize:
		answer, err = c.provider.Authorize(ctx, r, cardToken)
	case payment.Capture:
		answer, err = c.provider.Capture(ctx, r)
	case payment.Void:
		answer, err = c.provider.Void(ctx, r)
	case payment.PayBack:
		answer, err = c.provider.Refund(ctx, r)
	default:
		return answer, fault.New(fault.Invalid, "the provider knows no call %q", r.Call)
	}
	if err != nil && ctx.Err() != nil {
		return answer, fault.New(fault.Unknown, "the provider did not answer in time: %w", err)
	}
	return answer, err
}

// record lets the payment hear the answer. One that does not end the wait made no sense, and is an error.
func (c *Cashier) record(ctx context.Context, r payment.Request, a payment.Answer) error {
	waits := false
	err := c.payments.UpdatePayment(ctx, r.PaymentID, func(p *payment.Payment) error {
		p.Hear(a)
		waits = p.State().Wants(r)
		return nil
	})
	if err == nil && waits {
		return fault.New(fault.Conflict, "the provider's answer makes no sense: it %s", a)
	}
	return err
}

// patience is how long to wait before a request is made again that was made so often.
func patience(asked int) time.Duration {
	const first, longest = 500 * time.Millisecond, 10 * time.Second
	return min(first<<min(asked, 10), longest)
}

// named says which order an error is about, for whoever finds it parked.
func named(r payment.Request, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s payment %s of order %s: %w", r.Call, r.PaymentID, r.OrderID, err)
}
