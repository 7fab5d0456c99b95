package web

import (
	"context"
	"net/http"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
)

type requestReturnInput struct {
	OrderPath
	Body RequestReturn
}

// RequestReturn says what comes back, and why.
type RequestReturn struct {
	Items  []ReturnItem `json:"items" minItems:"1" maxItems:"2000"`
	Reason string       `json:"reason" minLength:"1" maxLength:"500" pattern:"^[^\\x00-\\x09\\x0b-\\x1f\\x7f]*$"`
}

// ReturnItem is a quantity of one line of the order.
type ReturnItem struct {
	LineID   string `json:"line_id" minLength:"1" maxLength:"64"`
	Quantity int64  `json:"quantity" minimum:"1" maximum:"1000000"`
}

// requestReturn asks to return goods of a delivered order.
func (h *Orders) requestReturn(ctx context.Context, in *requestReturnInput) (*idempotency.Answer[Return], error) {
	_, reach := caller(ctx)
	if err := h.orders.Visible(ctx, in.ID, reach); err != nil {
		return nil, err
	}
	return idempotency.Once(ctx, h.keys, http.StatusCreated, func(ctx context.Context) (Return, string, error) {
		var requested order.Return
		err := h.orders.UpdateWithReturns(ctx, in.ID, func(o *order.Order) error {
			if err := h.record(ctx, "return.request", o.State()); err != nil {
				return err
			}
			lines := each(in.Body.Items, func(item ReturnItem) ordering.Line {
				return ordering.Line{LineID: item.LineID, Quantity: item.Quantity}
			})
			var err error
			requested, err = o.RequestReturn(lines, in.Body.Reason, clock())
			return err
		})
		return returnOf(requested), location(in.ID), err
	})
}

type listReturnsInput struct {
	httpserver.PageRequest
	Status string `query:"status" enum:"requested,accepted,rejected,refunded,refund_failed" doc:"Only returns with this status"`
}

type listReturnsOutput struct {
	Body httpserver.Page[Return]
}

// listReturns answers with everybody's returns, latest first.
func (h *Orders) listReturns(ctx context.Context, in *listReturnsInput) (*listReturnsOutput, error) {
	after, err := httpserver.After[string](in.PageRequest)
	if err != nil {
		return nil, err
	}
	returns, err := h.orders.ListReturns(ctx, in.Status, after, in.PageSize+1)
	if err != nil {
		return nil, err
	}
	if err := h.audit.Record(ctx, "returns.list", "", ""); err != nil {
		return nil, err
	}
	page := httpserver.NewPage(in.PageRequest, returns, func(last order.Return) string { return last.ID })
	return &listReturnsOutput{Body: httpserver.Page[Return]{
		Items: each(page.Items, returnOf), NextPageToken: page.NextPageToken,
	}}, nil
}

// ReturnPath names the return that a request is about.
type ReturnPath struct {
	ID string `path:"id" maxLength:"64" doc:"The return's id"`
}

type returnOutput struct {
	Body Return
}

// acceptReturn takes the goods back. Doing it again changes nothing.
func (h *Orders) acceptReturn(ctx context.Context, in *ReturnPath) (*returnOutput, error) {
	return h.decide(ctx, in.ID, "return.accept", func(o *order.Order) error { return o.AcceptReturn(in.ID, clock()) })
}

type rejectReturnInput struct {
	ReturnPath
	Body RejectReturn
}

// RejectReturn says why goods are not taken back.
type RejectReturn struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" pattern:"^[^\\x00-\\x09\\x0b-\\x1f\\x7f]*$"`
}

// rejectReturn does not take the goods back. Doing it again changes nothing.
func (h *Orders) rejectReturn(ctx context.Context, in *rejectReturnInput) (*returnOutput, error) {
	return h.decide(ctx, in.ID, "return.reject", func(o *order.Order) error {
		return o.RejectReturn(in.ID, in.Body.Reason, clock())
	})
}

// decide lets staff decide about a return and answers with it.
func (h *Orders) decide(ctx context.Context, id, action string, decision func(*order.Order) error) (*returnOutput, error) {
	orderID, err := h.orders.OrderOfReturn(ctx, id)
	if err != nil {
		return nil, err
	}
	var decided order.Return
	err = h.orders.Do(ctx, func(ctx context.Context) error {
		return h.orders.UpdateWithReturns(ctx, orderID, func(o *order.Order) error {
			if err := h.record(ctx, action, o.State()); err != nil {
				return err
			}
			if err := decision(o); err != nil {
				return err
			}
			decided, err = o.Return(id)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return &returnOutput{Body: returnOf(decided)}, nil
}
