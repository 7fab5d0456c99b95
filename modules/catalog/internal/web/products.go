// Package web answers the catalog's routes.
package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Products shows products to everybody and lets staff look after them.
type Products struct{ products *store.Products }

// NewProducts returns the routes over the products.
func NewProducts(products *store.Products) *Products { return &Products{products: products} }

// Mount lists every route the module answers.
func (h *Products) Mount(api huma.API) {
	huma.Get(api, "/api/v1/products", h.search, auth.Anyone, httpserver.Summary("Search products"))
	huma.Get(api, "/api/v1/products/{sku}", h.show, auth.Anyone, httpserver.Summary("Look at a product"))
	huma.Post(api, "/api/v1/products", h.list, auth.Staff, httpserver.Status(http.StatusCreated), httpserver.OrStatus(http.StatusOK),
		httpserver.Summary("List a product for sale"))
	huma.Patch(api, "/api/v1/products/{sku}", h.revise, auth.Staff, httpserver.Summary("Change what is said of a product"))
	huma.Delete(api, "/api/v1/products/{sku}", h.withdraw, auth.Staff, httpserver.Summary("Withdraw a product"))
	huma.Get(api, "/api/v1/categories", h.categories, auth.Anyone, httpserver.Summary("Categories"))
}

// maxWords bounds a search: each word is looked for on its own.
const maxWords = 10

func (h *Products) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	after, err := httpserver.After[store.Position](in.PageRequest)
	if err != nil {
		return nil, err
	}
	order := store.Order(in.Sort)
	if after.SKU != "" && after.Order != order {
		return nil, fault.New(fault.Malformed, "page_token belongs to a list in the order %q: ask with that one or without a token", after.Order)
	}
	text, err := product.Text("q", in.Q)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(text)
	if len(words) > maxWords {
		return nil, fault.Wrong("q", "must not have more than %d words", maxWords)
	}
	category, err := product.Text("category", in.Category)
	if err != nil {
		return nil, err
	}
	found, err := h.products.Search(ctx, store.Query{
		Words: words, Category: category, Order: order, After: after, Limit: in.PageSize + 1,
	})
	if err != nil {
		return nil, err
	}
	page := httpserver.NewPage(in.PageRequest, found, func(last store.Listing) store.Position { return store.PositionOf(order, last) })
	return &searchOutput{Body: shownPage(page)}, nil
}

func (h *Products) show(ctx context.Context, in *ProductPath) (*productOutput, error) {
	found, err := h.products.Find(ctx, in.sku())
	if err != nil {
		return nil, err
	}
	return &productOutput{Body: shown(found)}, nil
}

func (h *Products) list(ctx context.Context, in *listInput) (*listOutput, error) {
	sku, err := product.SKU(in.Body.SKU)
	if err != nil {
		return nil, err
	}
	listed, err := h.products.List(ctx, sku, in.Body.content(), time.Now().UTC())
	if err != nil {
		return nil, err
	}
	found, err := h.products.Find(ctx, sku)
	if err != nil {
		return nil, err
	}
	out := &listOutput{Status: http.StatusOK, Location: "/api/v1/products/" + sku, Body: shown(found)}
	if listed {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (h *Products) revise(ctx context.Context, in *reviseInput) (*productOutput, error) {
	err := h.products.Update(ctx, in.sku(), func(p *product.Product) error { return p.Revise(in.Body.revision()) })
	if err != nil {
		return nil, err
	}
	return h.show(ctx, &in.ProductPath)
}

func (h *Products) withdraw(ctx context.Context, in *ProductPath) (*struct{}, error) {
	return nil, h.products.Update(ctx, in.sku(), func(p *product.Product) error {
		p.Withdraw()
		return nil
	})
}

func (h *Products) categories(ctx context.Context, _ *struct{}) (*categoriesOutput, error) {
	found, err := h.products.Categories(ctx)
	if err != nil {
		return nil, err
	}
	return &categoriesOutput{Body: shownCategories(found)}, nil
}
