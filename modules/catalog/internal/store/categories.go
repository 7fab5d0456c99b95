package store

import (
	"context"

	"gorm.io/gorm"
)

// A Category is a part of what is on sale.
type Category struct {
	Name     string `gorm:"column:category"`
	Products int64  `gorm:"column:products"`
}

// maxCategories bounds the answer for a shop that gives every product a category of its own.
const maxCategories = 500

// Categories returns the categories of the products on sale, by name.
func (s *Products) Categories(ctx context.Context) ([]Category, error) {
	categories := []Category{}
	err := s.db.Query(ctx, func(ctx context.Context, tx *gorm.DB) error {
		return tx.Table("products").Select("category, COUNT(*) AS products").
			Where("withdrawn = ? AND category <> ?", false, "").
			Group("category").Order("category").Limit(maxCategories).Find(&categories).Error
	})
	return categories, err
}
