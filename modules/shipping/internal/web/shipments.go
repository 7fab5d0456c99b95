// Package web answers the routes of shipping.
package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/dispatch"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/store"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Shipments shows customers their shipments and lets staff send and deliver them.
type Shipments struct {
	shipments *store.Shipments
	desk      *dispatch.Desk
	audit     *audit.Log
}

// NewShipments returns the routes over the shipments. What staff do is kept in log.
func NewShipments(shipments *store.Shipments, desk *dispatch.Desk, log *audit.Log) *Shipments {
	return &Shipments{shipments, desk, log}
}

// Mount lists every route the module answers.
func (h *Shipments) Mount(api huma.API) {
	huma.Get(api, "/api/v1/shipments", h.list, auth.SignedIn, httpserver.Summary("The shipment of an order"))
	huma.Post(api, "/api/v1/shipments/{id}/dispatch", h.dispatch, auth.Staff,
		httpserver.Summary("Hand a shipment over to the carrier"),
		httpserver.Describe("An automatic carrier fetches by itself; this hurries it. Where the carrier cannot be reached the answer still says `pending`, and it is tried again."))
	huma.Post(api, "/api/v1/shipments/{id}/deliver", h.deliver, auth.Staff,
		httpserver.Summary("Deliver a shipment that is on its way"))
}

type listInput struct {
	httpserver.PageRequest
	OrderID string `query:"order_id" maxLength:"64" pattern:"^[!-~]*$" doc:"Whose shipment; only staff may leave it out"`
	Status  string `query:"status" enum:"pending,dispatched,delivered,cancelled" doc:"Only those"`
}

type listOutput struct{ Body httpserver.Page[Shipment] }

func (h *Shipments) list(ctx context.Context, in *listInput) (*listOutput, error) {
	caller, _ := auth.From(ctx)
	if in.OrderID == "" && !caller.Has(auth.RoleStaff) {
		return nil, fault.Wrong("order_id", "is missing: say which order's shipment you want to see")
	}
	before, err := httpserver.After[string](in.PageRequest)
	if err != nil {
		return nil, err
	}
	found, err := h.shipments.List(ctx, store.Query{OrderID: in.OrderID, Status: in.Status, Before: before, Limit: in.PageSize + 1})
	if err != nil {
		return nil, err
	}
	if err := h.allow(ctx, caller, in.OrderID, found); err != nil {
		return nil, err
	}
	items := make([]Shipment, len(found))
	for i, state := range found {
		items[i] = shown(state)
	}
	return &listOutput{Body: httpserver.NewPage(in.PageRequest, items, func(last Shipment) string { return last.ID })}, nil
}

// allow refuses to show somebody else's shipment, and keeps that staff looked at one.
func (h *Shipments) allow(ctx context.Context, caller auth.Principal, orderID string, found []shipment.State) error {
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
	return h.audit.Record(ctx, "shipments.read", orderID, owner)
}

type shipmentInput struct {
	ID string `path:"id" maxLength:"64" doc:"The shipment's id"`
}

type shipmentOutput struct{ Body Shipment }

func (h *Shipments) dispatch(ctx context.Context, in *shipmentInput) (*shipmentOutput, error) {
	return h.act(ctx, in.ID, "shipment.dispatch", h.desk.Dispatch)
}

func (h *Shipments) deliver(ctx context.Context, in *shipmentInput) (*shipmentOutput, error) {
	return h.act(ctx, in.ID, "shipment.deliver", h.desk.Deliver)
}

// act keeps that staff act on a shipment, lets them, and shows what became of it.
func (h *Shipments) act(
	ctx context.Context, id, action string, do func(context.Context, string) (shipment.State, error),
) (*shipmentOutput, error) {
	found, err := h.shipments.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := h.audit.Record(ctx, action, id, found.CustomerID); err != nil {
		return nil, err
	}
	now, err := do(ctx, id)
	if err != nil {
		return nil, err
	}
	now.Lines = found.Lines
	return &shipmentOutput{Body: shown(now)}, nil
}
