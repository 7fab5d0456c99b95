// Package web answers the routes of payments.
package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Payments shows customers their payments and lets staff try refunds again.
type Payments struct {
	payments *store.Payments
	audit    *audit.Log
}

// NewPayments returns the routes over the payments. What staff do is kept in log.
func NewPayments(payments *store.Payments, log *audit.Log) *Payments { return &Payments{payments, log} }

// Mount lists every route the module answers.
func (h *Payments) Mount(api huma.API) {
	huma.Get(api, "/api/v1/payments", h.list, auth.SignedIn, httpserver.Summary("The payment of an order"))
	huma.Post(api, "/api/v1/refunds/{id}/retry", h.retry, auth.Staff, httpserver.Status(http.StatusAccepted),
		httpserver.Summary("Try a refund again that the provider refused"))
}

type listInput struct {
	httpserver.PageRequest
	OrderID string `query:"order_id" maxLength:"64" pattern:"^[!-~]*$" doc:"Whose payment; only staff may leave it out"`
}

type listOutput struct{ Body httpserver.Page[Payment] }

func (h *Payments) list(ctx context.Context, in *listInput) (*listOutput, error) {
	caller, _ := auth.From(ctx)
	if in.OrderID == "" && !caller.Has(auth.RoleStaff) {
		return nil, fault.Wrong("order_id", "is missing: say which order's payment you want to see")
	}
	before, err := httpserver.After[string](in.PageRequest)
	if err != nil {
		return nil, err
	}
	found, err := h.payments.List(ctx, store.Query{OrderID: in.OrderID, Before: before, Limit: in.PageSize + 1})
	if err != nil {
		return nil, err
	}
	if err := h.allow(ctx, caller, in.OrderID, found); err != nil {
		return nil, err
	}
	items := make([]Payment, len(found))
	for i, state := range found {
		items[i] = shown(state)
	}
	return &listOutput{Body: httpserver.NewPage(in.PageRequest, items, func(last Payment) string { return last.ID })}, nil
}

// allow refuses to show somebody else's payment, and keeps that staff looked at one.
func (h *Payments) allow(ctx context.Context, caller auth.Principal, orderID string, found []payment.State) error {
	owner := ""
	for _, state := range found {
		if !caller.May(state.CustomerID) {
			return fault.New(fault.NotFound, "there is no such order")
		}
		if orderID != "" {
			owner = state.CustomerID
		}
	}
	if !caller.Has(auth.RoleStaff) || owner == caller.Subject {
		return nil
	}
	return h.audit.Record(ctx, "payments.read", orderID, owner)
}

type retryInput struct {
	ID string `path:"id" maxLength:"64" doc:"The refund's id"`
}

type retryOutput struct{ Body Refund }

func (h *Payments) retry(ctx context.Context, in *retryInput) (*retryOutput, error) {
	var body Refund
	err := h.payments.UpdateRefund(ctx, in.ID, func(ctx context.Context, p *payment.Payment) error {
		if err := p.Retry(in.ID); err != nil {
			return err
		}
		state := p.State()
		for _, refund := range state.Refunds {
			if refund.ID == in.ID {
				body = shownRefund(refund)
			}
		}
		return h.audit.Record(ctx, "refund.retry", in.ID, state.CustomerID)
	})
	if err != nil {
		return nil, err
	}
	return &retryOutput{Body: body}, nil
}
