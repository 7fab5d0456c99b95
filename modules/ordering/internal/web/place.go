package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
	"github.com/pangaea-shop/pangaea/platform/money"
)

type placeInput struct {
	Body PlaceOrder
}

// PlaceOrder is what somebody wants to order.
type PlaceOrder struct {
	Items           []Item       `json:"items" minItems:"1" maxItems:"2000"`
	Payment         Payment      `json:"payment"`
	ShippingAddress Address      `json:"shipping_address"`
	ExpectedTotal   *money.Money `json:"expected_total,omitempty" doc:"The total that was shown; if it differs from today's the order is refused"`

	CustomerID  string       `json:"customer_id,omitempty" minLength:"1" maxLength:"64" doc:"Staff only: whose order it is: an account's id, or guest"`
	Reference   string       `json:"reference,omitempty" minLength:"1" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$" doc:"Staff only: the order's name elsewhere; the same reference again is the same order"`
	Adjustments []Adjustment `json:"adjustments,omitempty" maxItems:"50" doc:"Staff only: fees and discounts"`
}

// Item is a quantity of one product.
type Item struct {
	SKU       string       `json:"sku" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$"`
	Quantity  int64        `json:"quantity" minimum:"1" maximum:"1000000"`
	UnitPrice *money.Money `json:"unit_price,omitempty" doc:"Staff only: another price than the catalog's"`
}

// Payment says how an order is paid.
type Payment struct {
	CardToken string `json:"card_token" minLength:"1" maxLength:"200" pattern:"^[\\x21-\\x7e]*$" doc:"What the payment provider calls the card"`
}

// Address is where an order goes.
type Address struct {
	Name       string `json:"name" minLength:"1" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$"`
	Line1      string `json:"line1" minLength:"1" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$"`
	Line2      string `json:"line2,omitempty" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$"`
	City       string `json:"city" minLength:"1" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$"`
	PostalCode string `json:"postal_code" minLength:"1" maxLength:"20" pattern:"^[^\\x00-\\x1f\\x7f]*$"`
	Country    string `json:"country" minLength:"2" maxLength:"2" pattern:"^[A-Z]{2}$" doc:"ISO 3166 code of two letters" example:"GB"`
}

// Adjustment is a fee on top of an order or a discount off it.
type Adjustment struct {
	Kind        string      `json:"kind" enum:"fee,discount"`
	Code        string      `json:"code" minLength:"1" maxLength:"40" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$"`
	Description string      `json:"description" maxLength:"200" pattern:"^[^\\x00-\\x1f\\x7f]*$"`
	Amount      money.Money `json:"amount"`
}

// place takes an order. Its goods and its money are still to come, so the answer is 202.
func (h *Orders) place(ctx context.Context, in *placeInput) (*idempotency.Answer[Summary], error) {
	p, _ := caller(ctx)
	basket, err := in.Body.basket(p)
	if err != nil {
		return nil, err
	}
	if basket.Reference != "" {
		placed, found, err := h.orders.ByReference(ctx, basket.Reference)
		if err != nil {
			return nil, err
		}
		if found {
			return h.placed(ctx, func(context.Context) (order.State, error) { return placed.SameAs(basket.Fingerprint()) })
		}
	}
	if basket.CustomerID != p.Subject {
		if err := h.till.Recognize(ctx, basket.CustomerID); err != nil {
			return nil, err
		}
	}
	o, err := h.till.Ring(ctx, basket)
	if err != nil {
		return nil, err
	}
	return h.placed(ctx, func(ctx context.Context) (order.State, error) { return h.orders.Add(ctx, o) })
}

// placed answers with the order that add gives.
func (h *Orders) placed(ctx context.Context, add func(context.Context) (order.State, error)) (*idempotency.Answer[Summary], error) {
	return idempotency.Once(ctx, h.keys, http.StatusAccepted, func(ctx context.Context) (Summary, string, error) {
		state, err := add(ctx)
		if err != nil {
			return Summary{}, "", err
		}
		return summaryOf(state), location(state.ID), h.record(ctx, "order.place", state)
	})
}

// basket is what the body asks for in the domain's words.
func (b PlaceOrder) basket(p auth.Principal) (checkout.Basket, error) {
	if err := b.allowed(p); err != nil {
		return checkout.Basket{}, err
	}
	basket := checkout.Basket{
		CustomerID: p.Subject, Reference: b.Reference, Address: ordering.Address(b.ShippingAddress),
		PaymentToken: b.Payment.CardToken, Expected: b.ExpectedTotal,
		Items: make([]checkout.Item, len(b.Items)), Adjustments: make([]order.Adjustment, len(b.Adjustments)),
	}
	if b.CustomerID != "" {
		basket.CustomerID = b.CustomerID
	}
	for i, item := range b.Items {
		basket.Items[i] = checkout.Item{SKU: strings.ToUpper(item.SKU), Quantity: item.Quantity, UnitPrice: item.UnitPrice}
	}
	for i, a := range b.Adjustments {
		basket.Adjustments[i] = order.Adjustment(a)
	}
	return basket, nil
}

// allowed refuses what only staff may say, naming every field.
func (b PlaceOrder) allowed(p auth.Principal) error {
	if p.Has(auth.RoleStaff) {
		return nil
	}
	var fields []fault.Field
	refuse := func(given bool, name string) {
		if given {
			fields = append(fields, fault.Field{Name: name, Message: "is for staff only"})
		}
	}
	refuse(b.CustomerID != "", "customer_id")
	refuse(b.Reference != "", "reference")
	refuse(b.Adjustments != nil, "adjustments")
	for i, item := range b.Items {
		refuse(item.UnitPrice != nil, fmt.Sprintf("items[%d].unit_price", i))
	}
	if len(fields) == 0 {
		return nil
	}
	refused := fault.New(fault.Invalid, "%s is for staff only", fields[0].Name)
	refused.Fields = fields
	return refused
}

func location(id string) string { return "/api/v1/orders/" + id }
