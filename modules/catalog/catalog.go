// Package catalog is what other modules may know about the catalog: today's prices, and the events it
// announces.
package catalog

import "context"

// Money is an amount in minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// A Quote is what one product costs now.
type Quote struct {
	SKU   string
	Name  string
	Price Money
}

// Prices quotes products.
type Prices interface {
	// Quote returns a quote for each of the SKUs that is on sale; one that is unknown or withdrawn is
	// missing from the answer. One call asks for all SKUs of a basket.
	Quote(ctx context.Context, skus []string) (map[string]Quote, error)
}

// ProductListed announces a product that is on sale from now on.
type ProductListed struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Price Money  `json:"price"`
}

// PriceChanged announces a product's new price.
type PriceChanged struct {
	SKU   string `json:"sku"`
	Price Money  `json:"price"`
}

// ProductWithdrawn announces that a product is no longer on sale.
type ProductWithdrawn struct {
	SKU string `json:"sku"`
}

// EventName is the event's name on the wire. It never changes.
func (ProductListed) EventName() string { return "catalog.ProductListed" }

// EventKey orders events of one product.
func (e ProductListed) EventKey() string { return e.SKU }

// EventName is the event's name on the wire. It never changes.
func (PriceChanged) EventName() string { return "catalog.PriceChanged" }

// EventKey orders events of one product.
func (e PriceChanged) EventKey() string { return e.SKU }

// EventName is the event's name on the wire. It never changes.
func (ProductWithdrawn) EventName() string { return "catalog.ProductWithdrawn" }

// EventKey orders events of one product.
func (e ProductWithdrawn) EventKey() string { return e.SKU }
