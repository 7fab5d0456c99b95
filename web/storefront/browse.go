package storefront

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
)

type (
	amount struct {
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	}
	product struct {
		SKU         string `json:"sku"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Category    string `json:"category"`
		Price       amount `json:"price"`
		Available   *int64 `json:"available"`
		Withdrawn   bool   `json:"withdrawn"`
	}
	category struct {
		Name     string `json:"name"`
		Products int64  `json:"products"`
	}
	page[T any] struct {
		Items         []T    `json:"items"`
		NextPageToken string `json:"next_page_token"`
	}
)

// SoldOut reports whether there is none to be had.
func (p product) SoldOut() bool { return p.Available == nil || *p.Available <= 0 }

// browse shows the shelves: all of them, one category, or what a search finds.
func browse(v *visit) error {
	query := url.Values{"page_size": {"24"}}
	for _, name := range []string{"q", "category", "sort", "page_token"} {
		if value := v.Query(name); value != "" {
			query.Set(name, value)
		}
	}
	var found page[product]
	if err := v.get("/api/v1/products?"+query.Encode(), &found); err != nil {
		return err
	}
	var categories page[category]
	if err := v.get("/api/v1/categories", &categories); err != nil {
		return err
	}
	next := ""
	if found.NextPageToken != "" {
		query.Set("page_token", found.NextPageToken)
		query.Del("page_size")
		next = "/?" + query.Encode()
	}
	title := "Things worth giving"
	if v.Query("category") != "" {
		title = v.Query("category")
	}
	if v.Query("q") != "" {
		title = "Found for “" + v.Query("q") + "”"
	}
	v.show(http.StatusOK, "browse", gin.H{
		"Title": title, "Products": found.Items, "Categories": categories.Items, "Next": next,
		"Query": v.Query("q"), "Category": v.Query("category"), "Sort": v.DefaultQuery("sort", "name"),
		"Home": v.Request.URL.RawQuery == "",
	})
	return nil
}

func showProduct(v *visit) error {
	var found product
	if err := v.get("/api/v1/products/"+url.PathEscape(v.Param("sku")), &found); err != nil {
		return err
	}
	v.show(http.StatusOK, "product", gin.H{"Title": found.Name, "Product": found})
	return nil
}

func notFound(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.Status == http.StatusNotFound
}
