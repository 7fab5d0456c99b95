// Package demo puts pieces of the demo products into an empty stock. The stock does not ask the catalog
// which those are: the list is its own.
package demo

import (
	"context"
	_ "embed" // the pieces
	"encoding/json"
	"fmt"
	"time"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
)

// Settings say whether there is a demo.
type Settings struct {
	Demo bool `env:"PANGAEA_DEMO" default:"on" doc:"a first start on an empty database creates demo products, stock and a staff account"`
}

//go:embed stock.json
var fixture []byte

// Fill books the opening receipts, if the settings want them and there never was a booking.
func Fill(ctx context.Context, settings Settings, s *store.Stock, at time.Time) error {
	if !settings.Demo {
		return nil
	}
	var items []struct {
		SKU      string `json:"sku"`
		Quantity int64  `json:"quantity"`
	}
	if err := json.Unmarshal(fixture, &items); err != nil {
		return fmt.Errorf("read the demo stock: %w", err)
	}
	first := make([]stock.Booking, len(items))
	for i, it := range items {
		first[i] = stock.Booking{SKU: it.SKU, Kind: stock.Receipt, Reference: "demo", Quantity: it.Quantity, By: "demo"}
	}
	return s.BookFirst(ctx, first, at)
}
