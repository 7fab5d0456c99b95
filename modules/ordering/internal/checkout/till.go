package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Settings are what can be set about a checkout.
type Settings struct {
	Deadline time.Duration `env:"PANGAEA_CHECKOUT_DEADLINE" default:"30s" doc:"an order that is not paid by then is cancelled"`
}

// A Basket is what somebody wants to order.
type Basket struct {
	CustomerID   string
	Reference    string
	Items        []Item
	Adjustments  []order.Adjustment
	Address      ordering.Address
	PaymentToken string
	Expected     *money.Money // what the customer was shown; nil: any price will do
}

// An Item is a quantity of a product, at today's price where none is given.
type Item struct {
	SKU       string
	Quantity  int64
	UnitPrice *money.Money
}

// A Till makes orders of baskets at today's prices.
type Till struct {
	prices    catalog.Prices
	customers identity.Customers
	settings  Settings
	clock     Clock
}

// NewTill returns a till that asks the catalog for prices and identity for customers.
func NewTill(prices catalog.Prices, customers identity.Customers, settings Settings, clock Clock) (*Till, error) {
	if settings.Deadline <= 0 {
		return nil, fmt.Errorf("PANGAEA_CHECKOUT_DEADLINE is %s: it must be above zero", settings.Deadline)
	}
	return &Till{prices, customers, settings, clock}, nil
}

// Ring makes an order of a basket; it is not stored yet. All prices are asked for in one question. A
// product that is not on sale is fault.Invalid; a total other than the expected one is the
// fault.Conflict price-changed, which says what everything costs today.
func (t *Till) Ring(ctx context.Context, b Basket) (*order.Order, error) {
	quotes, err := t.prices.Quote(ctx, skus(b.Items))
	if err != nil {
		return nil, fmt.Errorf("ask for prices: %w", err)
	}
	items := make([]order.Item, len(b.Items))
	for i, item := range b.Items {
		quote, ok := quotes[item.SKU]
		if !ok {
			return nil, fault.Wrong(fmt.Sprintf("items[%d].sku", i), "%q is not on sale", item.SKU).WithCode("not-on-sale")
		}
		items[i] = order.Item{SKU: item.SKU, Name: quote.Name, Quantity: item.Quantity, UnitPrice: money.Money(quote.Price)}
		if item.UnitPrice != nil {
			if item.UnitPrice.Currency != quote.Price.Currency {
				return nil, fault.Wrong(fmt.Sprintf("items[%d].unit_price", i), "must be in %s", quote.Price.Currency)
			}
			items[i].UnitPrice = *item.UnitPrice
		}
	}
	o, err := order.Place(order.Draft{
		CustomerID: b.CustomerID, Reference: b.Reference, Content: b.Fingerprint(), Items: items,
		Adjustments: b.Adjustments, Address: b.Address, PaymentToken: b.PaymentToken, Deadline: t.settings.Deadline,
	}, t.clock())
	if err != nil {
		return nil, err
	}
	return o, expect(b.Expected, o.State())
}

// Recognize returns a fault.Invalid about customer_id unless it is an open account or a guest.
func (t *Till) Recognize(ctx context.Context, customer string) error {
	if customer == identity.Guest {
		return nil
	}
	known, err := t.customers.Known(ctx, []string{customer})
	if err != nil {
		return fmt.Errorf("ask for customer: %w", err)
	}
	if !known[customer] {
		return fault.Wrong("customer_id", "is no account: give an account's id or %q", identity.Guest)
	}
	return nil
}

// Fingerprint tells baskets under a reference apart by what they ask for. Without a reference it is empty.
func (b Basket) Fingerprint() string {
	if b.Reference == "" {
		return ""
	}
	b.Expected = nil // a condition, not a wish
	text, err := json.Marshal(b)
	if err != nil {
		panic(fmt.Sprintf("a basket is plain data: %s", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func skus(items []Item) []string {
	asked := make(map[string]bool, len(items))
	list := make([]string, 0, len(items))
	for _, item := range items {
		if !asked[item.SKU] {
			asked[item.SKU] = true
			list = append(list, item.SKU)
		}
	}
	return list
}

// A LinePrice is what a line costs today, as told to somebody who expected another total.
type LinePrice struct {
	SKU       string      `json:"sku"`
	Name      string      `json:"name"`
	Quantity  int64       `json:"quantity"`
	UnitPrice money.Money `json:"unit_price"`
	Total     money.Money `json:"total"`
}

func expect(expected *money.Money, s order.State) error {
	if expected == nil || *expected == s.Total {
		return nil
	}
	lines := make([]LinePrice, len(s.Lines))
	for i, l := range s.Lines {
		lines[i] = LinePrice{SKU: l.SKU, Name: l.Name, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Total: l.Total}
	}
	return fault.New(fault.Conflict, "the order costs %s and not %s: confirm the new total to go on", s.Total, *expected).
		WithCode("price-changed").WithDetail("expected", *expected).WithDetail("actual", s.Total).WithDetail("lines", lines)
}
