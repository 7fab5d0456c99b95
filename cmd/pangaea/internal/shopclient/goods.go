package shopclient

import (
	"context"
	"net/http"

	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Product is what a shop sells.
type Product struct {
	SKU      string      `json:"sku"`
	Name     string      `json:"name"`
	Category string      `json:"category,omitempty"`
	Price    money.Money `json:"price"`
}

// ListProduct puts a product up for sale. It reports whether the shop did not have its SKU before; a
// product that is there already, under whatever name and price, stays as it is.
func (c *Client) ListProduct(ctx context.Context, p Product) (listed bool, err error) {
	status, err := c.do(ctx, call{method: http.MethodPost, path: "/api/v1/products", body: p})
	if Is(err, "product-exists") {
		return false, nil
	}
	return status == http.StatusCreated, err
}

// Receive books goods into stock. The same reference for the same product again changes nothing.
func (c *Client) Receive(ctx context.Context, sku string, quantity int64, reference, key string) error {
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: "/api/v1/stock/" + sku + "/receipts", key: key,
		body: map[string]any{"quantity": quantity, "reference": reference},
	})
	return err
}
