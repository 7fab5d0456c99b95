// Package web answers the inventory's routes.
package web

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
)

// Stock shows levels to everybody and lets staff book.
type Stock struct {
	stock *store.Stock
	keys  *idempotency.Keys
}

// NewStock returns the routes over the stock.
func NewStock(s *store.Stock, keys *idempotency.Keys) *Stock { return &Stock{stock: s, keys: keys} }

// Mount lists every route the module answers.
func (h *Stock) Mount(api huma.API) {
	huma.Get(api, "/api/v1/stock/{sku}", h.show, auth.Anyone, httpserver.Summary("The stock of a product"))
	huma.Post(api, "/api/v1/stock/{sku}/receipts", h.receive, auth.Staff, h.keys.Required, httpserver.Status(http.StatusCreated), httpserver.Summary("Receive goods"))
	huma.Post(api, "/api/v1/stock/{sku}/adjustments", h.adjust, auth.Staff, h.keys.Required, httpserver.Status(http.StatusCreated), httpserver.Summary("Correct the stock"))
}

// A ProductPath names a product in the address.
type ProductPath struct {
	SKU string `path:"sku" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$" doc:"The product, in whatever case"`
}

type levelOutput struct {
	Body levelBody
}

type levelBody struct {
	SKU       string `json:"sku"`
	OnHand    int64  `json:"on_hand" doc:"Pieces in the house that are not set aside"`
	Reserved  int64  `json:"reserved" doc:"Pieces set aside for orders"`
	Available int64  `json:"available" doc:"Pieces that can be bought"`
}

func levelOf(l stock.Level) levelBody {
	return levelBody{SKU: l.SKU, OnHand: l.OnHand, Reserved: l.Reserved, Available: l.Available()}
}

type receiptInput struct {
	ProductPath
	Body receiptBody
}

type receiptBody struct {
	Quantity  int64  `json:"quantity" minimum:"1" maximum:"1000000000" doc:"Pieces that came in"`
	Reference string `json:"reference,omitempty" maxLength:"100" doc:"Names the delivery: the same for the same product again changes nothing"`
}

type adjustmentInput struct {
	ProductPath
	Body adjustmentBody
}

type adjustmentBody struct {
	Quantity int64  `json:"quantity" minimum:"-1000000000" maximum:"1000000000" doc:"Pieces more, or fewer if negative; never zero"`
	Reason   string `json:"reason" minLength:"1" maxLength:"500"`
}

func (h *Stock) show(ctx context.Context, in *ProductPath) (*levelOutput, error) {
	level, err := h.stock.Find(ctx, strings.ToUpper(in.SKU))
	if err != nil {
		return nil, err
	}
	return &levelOutput{Body: levelOf(level)}, nil
}

func (h *Stock) receive(ctx context.Context, in *receiptInput) (*idempotency.Answer[levelBody], error) {
	return h.book(ctx, stock.Booking{
		SKU: in.SKU, Kind: stock.Receipt, Quantity: in.Body.Quantity, Reference: in.Body.Reference,
	})
}

func (h *Stock) adjust(ctx context.Context, in *adjustmentInput) (*idempotency.Answer[levelBody], error) {
	return h.book(ctx, stock.Booking{
		SKU: in.SKU, Kind: stock.Adjustment, Quantity: in.Body.Quantity, Reason: in.Body.Reason,
	})
}

func (h *Stock) book(ctx context.Context, b stock.Booking) (*idempotency.Answer[levelBody], error) {
	staff, _ := auth.From(ctx)
	b.SKU, b.By = strings.ToUpper(b.SKU), staff.Subject
	b.Reference = cmp.Or(strings.TrimSpace(b.Reference), uuid.Must(uuid.NewV7()).String())
	now := time.Now().UTC()
	return idempotency.Once(ctx, h.keys, http.StatusCreated, func(ctx context.Context) (levelBody, string, error) {
		level, err := h.stock.Book(ctx, b, now)
		return levelOf(level), "/api/v1/stock/" + b.SKU, err
	})
}
