// Package demo fills an empty catalog with a small gift shop, so that a first start has something to sell.
package demo

import (
	"context"
	_ "embed" // the products
	"encoding/json"
	"fmt"
	"time"

	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Settings say whether there is a demo.
type Settings struct {
	Demo bool `env:"PANGAEA_DEMO" default:"on" doc:"a first start on an empty database creates demo products, stock and a staff account"`
}

//go:embed products.json
var fixture []byte

type item struct {
	SKU         string `json:"sku"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Category    string `json:"category"`
	Pence       int64  `json:"pence"`
}

// Fill lists the demo products, announced like any other, if the settings want them and there never
// was a product.
func Fill(ctx context.Context, settings Settings, products *store.Products, at time.Time) error {
	if !settings.Demo {
		return nil
	}
	first, err := states()
	if err != nil {
		return err
	}
	return products.ListFirst(ctx, first, at)
}

func states() ([]product.State, error) {
	var items []item
	if err := json.Unmarshal(fixture, &items); err != nil {
		return nil, fmt.Errorf("read the demo products: %w", err)
	}
	states := make([]product.State, len(items))
	for i, it := range items {
		states[i] = product.State{SKU: it.SKU, Content: product.Content{
			Name: it.Name, Description: it.Description, Category: it.Category,
			Price: money.New(it.Pence, product.Currency),
		}}
	}
	return states, nil
}
