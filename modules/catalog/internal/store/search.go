package store

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
)

// A Listing is a product as customers see it.
type Listing struct {
	product.State
	Available *int64 // how many can be bought; nil: inventory never spoke of it
}

// A Query asks for products on sale.
type Query struct {
	Words    []string // all of them occur in its name, description or SKU
	Category string   // empty: any
	Order    Order
	After    Position // zero: from the first
	Limit    int
}

// An Order is what a list of products is ordered by; SKUs order what is equal.
type Order string

// The orders.
const (
	ByName  Order = "name"
	ByPrice Order = "price"
	ByAge   Order = "newest" // the last listed first
)

// A Position is a place in a list of that order, just after the product with that SKU.
type Position struct {
	Order  Order  `json:"o"`
	Text   string `json:"t,omitempty"` // its name, in the order by name
	Number int64  `json:"n,omitempty"` // its price or age, in the others
	SKU    string `json:"s"`
}

// listingRow is a product together with what inventory said of it.
type listingRow struct {
	Product   productRow `gorm:"embedded"`
	Available *int64     `gorm:"column:available"`
}

// Search returns the products that the query asks for.
func (s *Products) Search(ctx context.Context, q Query) ([]Listing, error) {
	var rows []listingRow
	err := s.db.Query(ctx, func(ctx context.Context, tx *gorm.DB) error {
		found := listings(tx).Where("products.withdrawn = ?", false)
		if q.Category != "" {
			found = found.Where("products.category = ?", q.Category)
		}
		for _, word := range q.Words {
			found = found.Where("products.search_text LIKE ? ESCAPE '!'", "%"+escaper.Replace(strings.ToLower(word))+"%")
		}
		return ordered(found, q.Order, q.After).Limit(q.Limit).Find(&rows).Error
	})
	found := make([]Listing, len(rows))
	for i, row := range rows {
		found[i] = row.listing()
	}
	return found, err
}

// Find returns one product, also a withdrawn one.
func (s *Products) Find(ctx context.Context, sku string) (Listing, error) {
	var row listingRow
	err := s.db.Query(ctx, func(ctx context.Context, tx *gorm.DB) error {
		return listings(tx).Where("products.sku = ?", sku).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Listing{}, missing(sku)
	}
	return row.listing(), err
}

// PositionOf returns where a list of that order goes on after the product.
func PositionOf(order Order, l Listing) Position {
	switch order {
	case ByPrice:
		return Position{Order: order, Number: l.Price.Amount, SKU: l.SKU}
	case ByAge:
		return Position{Order: order, Number: l.ListedAt.UnixMicro(), SKU: l.SKU}
	default:
		return Position{Order: order, Text: sortName(l.Name), SKU: l.SKU}
	}
}

// escaper takes their meaning from the wildcards of LIKE.
var escaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func listings(tx *gorm.DB) *gorm.DB {
	return tx.Table("products").Select("products.*, availability.available").
		Joins("LEFT JOIN availability ON availability.sku = products.sku")
}

func ordered(tx *gorm.DB, order Order, after Position) *gorm.DB {
	switch order {
	case ByPrice:
		tx = tx.Order("products.price_amount, products.sku")
		if after.SKU != "" {
			tx = tx.Where("(products.price_amount > ? OR (products.price_amount = ? AND products.sku > ?))", after.Number, after.Number, after.SKU)
		}
	case ByAge:
		tx = tx.Order("products.listed_at DESC, products.sku DESC")
		if after.SKU != "" {
			tx = tx.Where("(products.listed_at < ? OR (products.listed_at = ? AND products.sku < ?))", after.Number, after.Number, after.SKU)
		}
	default:
		tx = tx.Order("products.sort_name, products.sku")
		if after.SKU != "" {
			tx = tx.Where("(products.sort_name > ? OR (products.sort_name = ? AND products.sku > ?))", after.Text, after.Text, after.SKU)
		}
	}
	return tx
}

func (r listingRow) listing() Listing {
	return Listing{State: r.Product.state(), Available: r.Available}
}
