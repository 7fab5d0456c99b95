// Package checkout leads an order from a basket to its end.
//
//	basket ─▶ Till ─▶ OrderPlaced ─▶ inventory
//	                                    │
//	        StockRejected ─▶ cancel ◀───┴─▶ StockReserved ─▶ OrderReserved ─▶ payments
//	                                                                             │
//	        PaymentDeclined ─▶ cancel ◀──────────────────────────────────────────┴─▶ PaymentAuthorized
//	                                                                                        │
//	              payments (captures), inventory (reserved → sold) ◀─ OrderConfirmed ◀──────┘
//	                 │
//	                 ├─▶ PaymentCaptureFailed ─▶ cancel
//	                 └─▶ PaymentCaptured ─▶ OrderPaid ─▶ shipping
//	                                                        │
//	             OrderCompleted ◀─ ShipmentDelivered ◀──────┤ ◀─ ShipmentDispatched ─ ─▶ too late to cancel
//	                                          cancel ◀──────┴──── ShipmentCancelled (asked by CancellationRequested)
//
//	cancel ─▶ OrderCancelled ─┬─▶ inventory ─▶ StockReleased ──────────────────────┐
//	                          └─▶ payments ──▶ PaymentVoided or PaymentRefunded ───┴─▶ settled
//
//	deadline not met before OrderPaid ─▶ cancel
//	ReturnAccepted ─▶ inventory (restocks), payments ─▶ PaymentRefunded or PaymentRefundFailed
//
// The order's status is the saga's memory: there is nothing else to store. What an order does with news
// that repeats itself or comes too late is said in package order.
package checkout

import (
	"context"
	"fmt"
	"time"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Orders is where the saga finds orders and saves what becomes of them. Update gives change an order
// without its lines and returns; the other two cost a query or two more.
type Orders interface {
	Update(ctx context.Context, id string, change func(*order.Order) error) error
	UpdateWithLines(ctx context.Context, id string, change func(*order.Order) error) error
	UpdateWithReturns(ctx context.Context, id string, change func(*order.Order) error) error
	Forget(ctx context.Context, customer string) error
	ForgetLater(ctx context.Context, customer string, due time.Time) error
}

// A Clock tells the time.
type Clock func() time.Time

// A Saga answers what other modules announce about an order. Its methods are named after what they hear.
type Saga struct {
	orders Orders
	clock  Clock
}

// NewSaga returns the saga of these orders.
func NewSaga(orders Orders, clock Clock) *Saga { return &Saga{orders, clock} }

// StockReserved lets payments ask for the money.
func (s *Saga) StockReserved(ctx context.Context, e *inventory.StockReserved) error {
	return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).Reserve))
}

// StockRejected gives the order up.
func (s *Saga) StockRejected(ctx context.Context, e *inventory.StockRejected) error {
	return s.orders.Update(ctx, e.OrderID, s.cancel(ordering.OutOfStock))
}

// PaymentAuthorized confirms the order if it still waits for that; payments voids what comes too late.
func (s *Saga) PaymentAuthorized(ctx context.Context, e *payments.PaymentAuthorized) error {
	return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).Confirm))
}

// PaymentDeclined gives the order up.
func (s *Saga) PaymentDeclined(ctx context.Context, e *payments.PaymentDeclined) error {
	return s.orders.Update(ctx, e.OrderID, s.cancel(ordering.PaymentDeclined))
}

// PaymentCaptured hands the order over to shipping, if it was not cancelled meanwhile; payments refunds
// it then.
func (s *Saga) PaymentCaptured(ctx context.Context, e *payments.PaymentCaptured) error {
	return s.orders.UpdateWithLines(ctx, e.OrderID, s.now((*order.Order).MarkPaid))
}

// PaymentCaptureFailed gives the order up.
func (s *Saga) PaymentCaptureFailed(ctx context.Context, e *payments.PaymentCaptureFailed) error {
	return s.orders.Update(ctx, e.OrderID, s.cancel(ordering.PaymentFailed))
}

// ShipmentDispatched notes that it is too late to cancel.
func (s *Saga) ShipmentDispatched(ctx context.Context, e *shipping.ShipmentDispatched) error {
	return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).Dispatch))
}

// ShipmentDelivered completes the order.
func (s *Saga) ShipmentDelivered(ctx context.Context, e *shipping.ShipmentDelivered) error {
	return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).Deliver))
}

// ShipmentCancelled cancels the paid order whose goods were kept back.
func (s *Saga) ShipmentCancelled(ctx context.Context, e *shipping.ShipmentCancelled) error {
	return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).KeepBack))
}

// StockReleased settles the goods of a cancelled order.
func (s *Saga) StockReleased(ctx context.Context, e *inventory.StockReleased) error {
	return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).SettleStock))
}

// PaymentVoided settles the money of a cancelled order.
func (s *Saga) PaymentVoided(ctx context.Context, e *payments.PaymentVoided) error {
	return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).SettleMoney))
}

// PaymentRefunded settles the money of a cancelled order, or of a return.
func (s *Saga) PaymentRefunded(ctx context.Context, e *payments.PaymentRefunded) error {
	amount := money.Money(e.Amount)
	if e.ReturnID == "" {
		return s.orders.Update(ctx, e.OrderID, func(o *order.Order) error { return o.Refund(amount, s.clock()) })
	}
	return s.orders.UpdateWithReturns(ctx, e.OrderID, func(o *order.Order) error {
		return o.RefundReturn(e.ReturnID, amount, s.clock())
	})
}

// PaymentRefundFailed tells the customer that the money takes longer.
func (s *Saga) PaymentRefundFailed(ctx context.Context, e *payments.PaymentRefundFailed) error {
	if e.ReturnID == "" {
		return s.orders.Update(ctx, e.OrderID, s.now((*order.Order).FailRefund))
	}
	return s.orders.UpdateWithReturns(ctx, e.OrderID, func(o *order.Order) error {
		return o.FailReturnRefund(e.ReturnID, s.clock())
	})
}

// grace is for how long an access token of a closed account may still be good, and more.
const grace = 24 * time.Hour

// AccountClosed erases who the customer was from the customer's orders, and once more when nobody can
// have ordered since with an access token from before.
func (s *Saga) AccountClosed(ctx context.Context, e *identity.AccountClosed) error {
	if err := s.orders.Forget(ctx, e.AccountID); err != nil {
		return err
	}
	return s.orders.ForgetLater(ctx, e.AccountID, s.clock().Add(grace))
}

// Deadline gives up an order that is not paid by now.
func (s *Saga) Deadline(ctx context.Context, t tasks.Task) error {
	if err := s.orders.Update(ctx, t.Key, s.cancel(ordering.TimedOut)); err != nil {
		return fmt.Errorf("end order %s at its deadline: %w", t.Key, err)
	}
	return nil
}

// Forget erases who the customer of a closed account was.
func (s *Saga) Forget(ctx context.Context, t tasks.Task) error { return s.orders.Forget(ctx, t.Key) }

// now makes a change of a method that wants to know the time.
func (s *Saga) now(news func(*order.Order, time.Time) error) func(*order.Order) error {
	return func(o *order.Order) error { return news(o, s.clock()) }
}

func (s *Saga) cancel(reason string) func(*order.Order) error {
	return func(o *order.Order) error { return o.Cancel(reason, s.clock()) }
}
