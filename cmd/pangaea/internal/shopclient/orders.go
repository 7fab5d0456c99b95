package shopclient

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/pangaea-shop/pangaea/platform/money"
)

// Guest is the customer without an account.
const Guest = "guest"

// A NewOrder is an order that staff place for somebody.
type NewOrder struct {
	CustomerID  string       `json:"customer_id"`
	Reference   string       `json:"reference"` // the same again is the same order
	Items       []NewItem    `json:"items"`
	Adjustments []Adjustment `json:"adjustments,omitempty"`
	Payment     Payment      `json:"payment"`
	Address     Address      `json:"shipping_address"`
}

// A NewItem is a quantity of a product at a price.
type NewItem struct {
	SKU       string      `json:"sku"`
	Quantity  int64       `json:"quantity"`
	UnitPrice money.Money `json:"unit_price"`
}

// An Adjustment is a fee or a discount.
type Adjustment struct {
	Kind        string      `json:"kind"`
	Code        string      `json:"code"`
	Description string      `json:"description"`
	Amount      money.Money `json:"amount"`
}

// Payment names the card.
type Payment struct {
	CardToken string `json:"card_token"`
}

// An Address is where an order goes.
type Address struct {
	Name       string `json:"name"`
	Line1      string `json:"line1"`
	City       string `json:"city"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// A Status says how far an order has come.
type Status string

// The statuses of an order, in their order.
const (
	Placed     Status = "placed"
	Reserved   Status = "reserved"
	Confirmed  Status = "confirmed"
	Paid       Status = "paid"
	Dispatched Status = "dispatched"
	Delivered  Status = "delivered"
	Cancelled  Status = "cancelled"
)

// An Order is an order as the shop has it. Lines are there if it was asked for by its id.
type Order struct {
	ID           string      `json:"id"`
	CustomerID   string      `json:"customer_id"`
	Reference    string      `json:"reference"`
	Status       Status      `json:"status"`
	CancelReason string      `json:"cancel_reason"`
	Total        money.Money `json:"total"`
	Refunded     money.Money `json:"refunded"`
	Settled      bool        `json:"settled"`
	Lines        []OrderLine `json:"lines"`
}

// An OrderLine is a quantity of one product in an order.
type OrderLine struct {
	LineID    string      `json:"line_id"`
	SKU       string      `json:"sku"`
	Quantity  int64       `json:"quantity"`
	UnitPrice money.Money `json:"unit_price"`
	Returned  int64       `json:"returned"`
}

// Place places an order.
func (c *Client) Place(ctx context.Context, o NewOrder, key string) (placed Order, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: "/api/v1/orders", key: key, body: o, answer: &placed})
	return placed, err
}

// Order returns an order with its lines.
func (c *Client) Order(ctx context.Context, id string) (o Order, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: "/api/v1/orders/" + id, answer: &o})
	return o, err
}

// Orders lists everybody's orders, latest first: those of one status, or all if it is empty.
func (c *Client) Orders(ctx context.Context, status Status) iter.Seq2[Order, error] {
	return list[Order](ctx, c, "/api/v1/orders", filter("status", string(status)))
}

// OrderOf finds an order by its reference, without its lines.
func (c *Client) OrderOf(ctx context.Context, reference string) (o Order, found bool, err error) {
	for o, err := range list[Order](ctx, c, "/api/v1/orders", filter("reference", reference)) {
		return o, err == nil, err
	}
	return Order{}, false, nil
}

func filter(name, value string) url.Values {
	if value == "" {
		return nil
	}
	return url.Values{name: {value}}
}
