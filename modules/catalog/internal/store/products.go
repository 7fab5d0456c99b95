// Package store keeps products and what inventory said of them.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/guard"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Products are the products of the shop.
type Products struct {
	db     *database.DB
	outbox *outbox.Outbox
	guard  *guard.Guard
}

// NewProducts returns the products in db. What happens to them is announced through o.
func NewProducts(db *database.DB, o *outbox.Outbox) *Products {
	return &Products{db: db, outbox: o, guard: guard.New(db)}
}

// productRow is a product as the database sees it: no rules, only columns.
type productRow struct {
	SKU           string `gorm:"column:sku;primaryKey"`
	Name          string `gorm:"column:name"`
	Description   string `gorm:"column:description"`
	Category      string `gorm:"column:category"`
	PriceAmount   int64  `gorm:"column:price_amount"`
	PriceCurrency string `gorm:"column:price_currency"`
	Withdrawn     bool   `gorm:"column:withdrawn"`
	SortName      string `gorm:"column:sort_name"`
	SearchText    string `gorm:"column:search_text"`
	Version       int64  `gorm:"column:version"`
	ListedAt      int64  `gorm:"column:listed_at"` // microseconds
}

// TableName names the table.
func (productRow) TableName() string { return "products" }

// List puts a product on sale; listed is false if the very same was on sale before.
func (s *Products) List(ctx context.Context, sku string, content product.Content, at time.Time) (listed bool, err error) {
	err = s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		listed, err = s.list(ctx, tx, sku, content, at)
		return err
	})
	return listed, err
}

func (s *Products) list(ctx context.Context, tx *gorm.DB, sku string, content product.Content, at time.Time) (bool, error) {
	state, err := load(tx, sku)
	if fault.Is(err, fault.NotFound) {
		state, err = product.State{SKU: sku}, nil
	}
	if err != nil {
		return false, err
	}
	p := product.Restore(state)
	if err := p.List(content, at); err != nil {
		return false, err
	}
	saved, err := s.save(ctx, tx, p)
	if err == nil && !saved { // somebody else was a moment faster, and theirs is there now
		return s.list(ctx, tx, sku, content, at)
	}
	return p.Changed(), err
}

// ListFirst puts the very first products on sale, all or none. Where there ever was a product it does
// nothing: of several processes that start at once, one opens the shop.
func (s *Products) ListFirst(ctx context.Context, first []product.State, at time.Time) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.guard.Alone(ctx, "first products"); err != nil {
			return err
		}
		var products int64
		if err := tx.Model(&productRow{}).Count(&products).Error; err != nil || products > 0 {
			return err
		}
		for _, p := range first {
			if _, err := s.List(ctx, p.SKU, p.Content, at); err != nil {
				return fmt.Errorf("list %s: %w", p.SKU, err)
			}
		}
		return nil
	})
}

// Update loads a product, lets change act on it, and saves the outcome with its events: all or nothing.
func (s *Products) Update(ctx context.Context, sku string, change func(*product.Product) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		state, err := load(tx, sku)
		if err != nil {
			return err
		}
		p := product.Restore(state)
		if err := change(p); err != nil {
			return err
		}
		_, err = s.save(ctx, tx, p)
		return err
	})
}

func load(tx *gorm.DB, sku string) (product.State, error) {
	var row productRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("sku = ?", sku).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return product.State{}, missing(sku)
	}
	return row.state(), err
}

// save writes the product, if anything happened to it, as the next version of the one that was loaded. It
// returns false, and has done nothing, if the product was new and is there by now.
func (s *Products) save(ctx context.Context, tx *gorm.DB, p *product.Product) (bool, error) {
	if !p.Changed() {
		return true, nil
	}
	row := rowOf(p.State())
	row.Version++
	write := tx.Select("*").Updates // of a row that is locked
	if row.Version == 1 {
		write = tx.Clauses(clause.OnConflict{DoNothing: true}).Create
	}
	written := write(&row)
	if written.Error != nil || written.RowsAffected == 0 {
		return false, written.Error
	}
	events := make([]outbox.Event, len(p.Events()))
	for i, e := range p.Events() {
		events[i] = e
	}
	return true, s.outbox.Add(ctx, events...)
}

func missing(sku string) error { return fault.New(fault.NotFound, "there is no product %s", sku) }

func rowOf(s product.State) productRow {
	return productRow{
		SKU: s.SKU, Name: s.Name, Description: s.Description, Category: s.Category,
		PriceAmount: s.Price.Amount, PriceCurrency: s.Price.Currency, Withdrawn: s.Withdrawn,
		SortName:   sortName(s.Name),
		SearchText: strings.ToLower(s.SKU + "\n" + s.Name + "\n" + s.Description),
		Version:    s.Version, ListedAt: s.ListedAt.UnixMicro(),
	}
}

func (r productRow) state() product.State {
	return product.State{
		SKU: r.SKU,
		Content: product.Content{
			Name: r.Name, Description: r.Description, Category: r.Category,
			Price: money.New(r.PriceAmount, r.PriceCurrency),
		},
		Withdrawn: r.Withdrawn, Version: r.Version, ListedAt: time.UnixMicro(r.ListedAt).UTC(),
	}
}

// sortName is what a list is ordered by: short, so that a page token stays short.
func sortName(name string) string {
	runes := []rune(strings.ToLower(name))
	return string(runes[:min(len(runes), 60)])
}
