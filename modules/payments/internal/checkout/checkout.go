// Package checkout answers what ordering announces about an order. What follows from each message in
// each state is said in package payment.
package checkout

import (
	"context"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Payments finds the payment of an order and saves what becomes of it.
type Payments interface {
	Update(ctx context.Context, orderID string, change func(*payment.Payment) error) error
}

// A Checkout listens to ordering. Its methods are named after what they hear.
type Checkout struct{ payments Payments }

// New returns the checkout over these payments.
func New(payments Payments) *Checkout { return &Checkout{payments} }

// OrderReserved asks for the money.
func (c *Checkout) OrderReserved(ctx context.Context, e *ordering.OrderReserved) error {
	return c.payments.Update(ctx, e.OrderID, func(p *payment.Payment) error {
		return p.Authorize(e.CustomerID, money.Money(e.Total), e.PaymentToken)
	})
}

// OrderConfirmed takes the money.
func (c *Checkout) OrderConfirmed(ctx context.Context, e *ordering.OrderConfirmed) error {
	return c.payments.Update(ctx, e.OrderID, func(p *payment.Payment) error { return p.Capture(money.Money(e.Total)) })
}

// OrderCancelled gives back what was taken or lets go what is held.
func (c *Checkout) OrderCancelled(ctx context.Context, e *ordering.OrderCancelled) error {
	return c.payments.Update(ctx, e.OrderID, func(p *payment.Payment) error {
		p.GiveUp(e.CustomerID)
		return nil
	})
}

// ReturnAccepted pays back what came back.
func (c *Checkout) ReturnAccepted(ctx context.Context, e *ordering.ReturnAccepted) error {
	return c.payments.Update(ctx, e.OrderID, func(p *payment.Payment) error { return p.Return(e.ReturnID, money.Money(e.Amount)) })
}
