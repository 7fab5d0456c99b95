// Package checkout is inventory's part in a checkout: it holds goods for orders as ordering announces
// what becomes of them.
//
//	OrderPlaced ─▶ StockReserved | StockRejected
//	OrderConfirmed ─▶ (sold)
//	OrderCancelled ─▶ StockReleased
//	ReturnAccepted ─▶ (back on hand)
package checkout

import (
	"context"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/ordering"
)

// Reservations are the reservations of all orders.
type Reservations interface {
	// Update loads what is held for an order, with the levels of its products and of these, lets change
	// act on it, and saves the outcome with its events: all or nothing.
	Update(ctx context.Context, orderID string, skus []string, change func(*stock.Reservation) error) error
}

// A Keeper holds goods for orders.
type Keeper struct{ reservations Reservations }

// NewKeeper returns a keeper of these reservations.
func NewKeeper(reservations Reservations) *Keeper { return &Keeper{reservations: reservations} }

// OrderPlaced sets all goods of the order aside, or none, and answers which.
func (k *Keeper) OrderPlaced(ctx context.Context, e *ordering.OrderPlaced) error {
	wanted, err := pieces(e.Lines)
	if err != nil {
		return err
	}
	return k.reservations.Update(ctx, e.OrderID, wanted.SKUs(), func(r *stock.Reservation) error {
		r.Reserve(wanted)
		return nil
	})
}

// OrderConfirmed lets the goods go: the sale stands.
func (k *Keeper) OrderConfirmed(ctx context.Context, e *ordering.OrderConfirmed) error {
	return k.reservations.Update(ctx, e.OrderID, nil, (*stock.Reservation).Sell)
}

// OrderCancelled frees the goods, or takes them back where the sale stood, and answers once that
// nothing is held any more.
func (k *Keeper) OrderCancelled(ctx context.Context, e *ordering.OrderCancelled) error {
	return k.reservations.Update(ctx, e.OrderID, nil, func(r *stock.Reservation) error {
		r.Cancel()
		return nil
	})
}

// ReturnAccepted puts what came back on hand again.
func (k *Keeper) ReturnAccepted(ctx context.Context, e *ordering.ReturnAccepted) error {
	back, err := pieces(e.Lines)
	if err != nil {
		return err
	}
	return k.reservations.Update(ctx, e.OrderID, nil, func(r *stock.Reservation) error {
		return r.TakeBack(e.ReturnID, back)
	})
}

// pieces adds up the lines: an order may name a product more than once.
func pieces(lines []ordering.Line) (stock.Pieces, error) {
	sum := stock.Pieces{}
	for _, line := range lines {
		if err := sum.Add(line.SKU, line.Quantity); err != nil {
			return nil, err
		}
	}
	return sum, nil
}
