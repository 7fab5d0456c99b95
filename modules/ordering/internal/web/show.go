package web

import (
	"context"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

type showOutput struct {
	Body Order
}

// show answers with one order and all its parts.
func (h *Orders) show(ctx context.Context, in *OrderPath) (*showOutput, error) {
	_, reach := caller(ctx)
	state, err := h.orders.Find(ctx, in.ID, reach)
	if err != nil {
		return nil, err
	}
	if err := h.record(ctx, "order.read", state); err != nil {
		return nil, err
	}
	return &showOutput{Body: orderOf(state)}, nil
}

type listInput struct {
	httpserver.PageRequest
	Status     string `query:"status" enum:"placed,reserved,confirmed,paid,dispatched,delivered,cancelled" doc:"Only orders with this status"`
	Reference  string `query:"reference" maxLength:"100" doc:"Staff only: the order with this reference"`
	CustomerID string `query:"customer_id" maxLength:"64" pattern:"^[!-~]*$" doc:"Staff only: orders of this customer; without it, of everybody"`
}

type listOutput struct {
	Body httpserver.Page[Summary]
}

// list answers with the caller's orders, or for staff with everybody's, latest first.
func (h *Orders) list(ctx context.Context, in *listInput) (*listOutput, error) {
	p, reach := caller(ctx)
	if err := in.allowed(p); err != nil {
		return nil, err
	}
	if in.CustomerID != "" {
		reach = store.Of(in.CustomerID)
	}
	after, err := httpserver.After[string](in.PageRequest)
	if err != nil {
		return nil, err
	}
	filter := store.Filter{Reach: reach, Reference: in.Reference, Status: in.Status}
	states, err := h.orders.List(ctx, filter, after, in.PageSize+1)
	if err != nil {
		return nil, err
	}
	if p.Has(auth.RoleStaff) {
		if err := h.audit.Record(ctx, "orders.list", in.Reference, in.CustomerID); err != nil {
			return nil, err
		}
	}
	page := httpserver.NewPage(in.PageRequest, states, func(last order.State) string { return last.ID })
	return &listOutput{Body: httpserver.Page[Summary]{
		Items: each(page.Items, summaryOf), NextPageToken: page.NextPageToken,
	}}, nil
}

// allowed refuses what only staff may ask for.
func (in *listInput) allowed(p auth.Principal) error {
	switch {
	case p.Has(auth.RoleStaff):
		return nil
	case in.Reference != "":
		return fault.Wrong("reference", "is for staff only")
	case in.CustomerID != "":
		return fault.Wrong("customer_id", "is for staff only")
	}
	return nil
}
