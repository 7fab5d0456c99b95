package web

import (
	"context"
	"net/http"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
)

// cancel asks to cancel an order. Whether that succeeds may be known later only, so the answer is 202.
func (h *Orders) cancel(ctx context.Context, in *OrderPath) (*idempotency.Answer[Summary], error) {
	_, reach := caller(ctx)
	if err := h.orders.Visible(ctx, in.ID, reach); err != nil {
		return nil, err
	}
	return idempotency.Once(ctx, h.keys, http.StatusAccepted, func(ctx context.Context) (Summary, string, error) {
		var state order.State
		err := h.orders.Update(ctx, in.ID, func(o *order.Order) error {
			if err := h.record(ctx, "order.cancel", o.State()); err != nil {
				return err
			}
			err := o.RequestCancellation(clock())
			state = o.State()
			return offerReturn(err, in.ID)
		})
		return summaryOf(state), location(in.ID), err
	})
}

// offerReturn tells whoever cancels too late where to return the order.
func offerReturn(err error, id string) error {
	if late, ok := fault.As(err); ok && late.Code == "already-dispatched" {
		return late.WithDetail("returns", location(id)+"/returns")
	}
	return err
}
