// Package web is ordering's HTTP face.
package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
)

// Orders answers requests about orders and returns.
type Orders struct {
	till    *checkout.Till
	orders  *store.Orders
	keys    *idempotency.Keys
	audit   *audit.Log
	streams *streams
}

// NewOrders returns the handlers of these orders.
func NewOrders(till *checkout.Till, orders *store.Orders, keys *idempotency.Keys, log *audit.Log) *Orders {
	return &Orders{till: till, orders: orders, keys: keys, audit: log, streams: newStreams()}
}

// Mount lists every route that ordering answers.
func (h *Orders) Mount(api huma.API) {
	accepted, created := httpserver.Status(http.StatusAccepted), httpserver.Status(http.StatusCreated)

	huma.Post(api, "/api/v1/orders", h.place, auth.SignedIn, h.keys.Required, accepted, httpserver.Summary("Place an order"))
	huma.Get(api, "/api/v1/orders", h.list, auth.SignedIn, httpserver.Summary("Your orders"))
	huma.Get(api, "/api/v1/orders/{id}", h.show, auth.SignedIn, httpserver.Summary("Look at an order"))
	huma.Get(api, "/api/v1/orders/{id}/events", h.events, auth.SignedIn, httpserver.Streaming, eventStream, httpserver.Summary("Follow an order live"))
	huma.Post(api, "/api/v1/orders/{id}/cancel", h.cancel, auth.SignedIn, h.keys.Required, accepted, httpserver.Summary("Cancel an order"))

	huma.Post(api, "/api/v1/orders/{id}/returns", h.requestReturn, auth.SignedIn, h.keys.Required, created, httpserver.Summary("Ask to return goods"))
	huma.Get(api, "/api/v1/returns", h.listReturns, auth.Staff, httpserver.Summary("Returns"))
	huma.Post(api, "/api/v1/returns/{id}/accept", h.acceptReturn, auth.Staff, httpserver.Summary("Accept a return"))
	huma.Post(api, "/api/v1/returns/{id}/reject", h.rejectReturn, auth.Staff, httpserver.Summary("Reject a return"))
}

// OrderPath names the order that a request is about.
type OrderPath struct {
	ID string `path:"id" maxLength:"64" doc:"The order's id"`
}

// caller is who asks, and whose orders may be the answer: one's own, or everybody's for staff.
func caller(ctx context.Context) (auth.Principal, store.Reach) {
	principal, _ := auth.From(ctx)
	if principal.Has(auth.RoleStaff) {
		return principal, store.Everybody
	}
	return principal, store.Of(principal.Subject)
}

// record keeps what staff did to an order that is not their own.
func (h *Orders) record(ctx context.Context, action string, s order.State) error {
	if p, _ := caller(ctx); p.Subject == s.CustomerID {
		return nil
	}
	return h.audit.Record(ctx, action, s.ID, s.CustomerID)
}

func clock() time.Time { return time.Now().UTC() }
