// Package web is notifications' HTTP face.
package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/store"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Notifications shows customers their inbox.
type Notifications struct {
	rows  *store.Notices
	audit *audit.Log
	now   func() time.Time
}

// NewNotifications returns the routes of the inbox. They read the clock by now.
func NewNotifications(rows *store.Notices, audit *audit.Log, now func() time.Time) *Notifications {
	return &Notifications{rows: rows, audit: audit, now: now}
}

// Mount lists the routes.
func (h *Notifications) Mount(api huma.API) {
	huma.Get(api, "/api/v1/notifications", h.list, auth.SignedIn, httpserver.Summary("Your inbox"))
	huma.Post(api, "/api/v1/notifications/{id}/read", h.read, auth.SignedIn, httpserver.Summary("Mark as read"))
}

// A notificationView is a notice as its customer sees it.
type notificationView struct {
	ID        string          `json:"id"`
	Kind      notice.Kind     `json:"kind"`
	Subject   string          `json:"subject"`
	Body      string          `json:"body"`
	OrderID   string          `json:"order_id,omitempty"`
	Email     notice.Delivery `json:"email" enum:"kept,waiting,queued,sent" doc:"How far its e-mail has come; kept: there is none"`
	CreatedAt time.Time       `json:"created_at"`
	ReadAt    *time.Time      `json:"read_at,omitempty"`
}

func view(n notice.Notice) notificationView {
	v := notificationView{
		ID: n.ID, Kind: n.Kind, Subject: n.Subject, Body: n.Body, OrderID: n.OrderID, Email: n.Delivery, CreatedAt: n.CreatedAt,
	}
	if !n.ReadAt.IsZero() {
		v.ReadAt = &n.ReadAt
	}
	return v
}

type listInput struct {
	httpserver.PageRequest
	CustomerID string `query:"customer_id" maxLength:"64" pattern:"^[!-~]*$" doc:"Whose; only staff may ask for somebody else's, or for those of guests"`
	OrderID    string `query:"order_id" maxLength:"64" pattern:"^[!-~]*$" doc:"Only those about this order"`
}

type listOutput struct {
	Body httpserver.Page[notificationView]
}

func (h *Notifications) list(ctx context.Context, in *listInput) (*listOutput, error) {
	before, err := httpserver.After[string](in.PageRequest)
	if err != nil {
		return nil, err
	}
	customer, err := h.whose(ctx, in.CustomerID)
	if err != nil {
		return nil, err
	}
	notices, err := h.rows.List(ctx, store.Filter{CustomerID: customer, OrderID: in.OrderID}, before, in.PageSize+1)
	if err != nil {
		return nil, err
	}
	views := make([]notificationView, len(notices))
	for i, n := range notices {
		views[i] = view(n)
	}
	return &listOutput{Body: httpserver.NewPage(in.PageRequest, views, func(last notificationView) string { return last.ID })}, nil
}

// whose returns the customer whose inbox is asked for: the caller, unless staff ask for another's.
func (h *Notifications) whose(ctx context.Context, asked string) (string, error) {
	p, _ := auth.From(ctx)
	switch {
	case asked == "" || asked == p.Subject:
		return p.Subject, nil
	case !p.May(asked):
		return "", fault.New(fault.NotFound, "there is no such customer")
	}
	return asked, h.audit.Record(ctx, "notification.list", "", asked)
}

type readInput struct {
	ID string `path:"id" maxLength:"64"`
}

type readOutput struct{ Body notificationView }

func (h *Notifications) read(ctx context.Context, in *readInput) (*readOutput, error) {
	n, err := h.rows.Find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	p, _ := auth.From(ctx)
	if !p.May(n.CustomerID) {
		return nil, fault.New(fault.NotFound, "there is no such notification")
	}
	if n.CustomerID != p.Subject {
		if err := h.audit.Record(ctx, "notification.read", n.ID, n.CustomerID); err != nil {
			return nil, err
		}
	}
	if n, err = h.rows.Read(ctx, in.ID, h.now()); err != nil {
		return nil, err
	}
	return &readOutput{Body: view(n)}, nil
}
