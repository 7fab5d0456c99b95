package store

import (
	"context"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// Each calls see with every order in db, without its parts, and how many pieces were ordered and how many
// of them came back; oldest first, on one snapshot.
func Each(ctx context.Context, db *database.DB, see func(s order.State, ordered, returned int64)) error {
	return db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		for after := ""; ; {
			var rows []orderRow
			if err := tx.Where("id > ?", after).Order("id").Limit(batch).Find(&rows).Error; err != nil {
				return err
			}
			if len(rows) == 0 {
				return nil
			}
			last := rows[len(rows)-1].ID
			ordered, returned, err := piecesBetween(tx, after, last)
			if err != nil {
				return err
			}
			for _, row := range rows {
				see(row.state(), ordered[row.ID], returned[row.ID])
			}
			after = last
		}
	})
}

// piecesBetween counts the pieces of the orders whose ids are above the first and up to the last.
func piecesBetween(tx *gorm.DB, first, last string) (ordered, returned map[string]int64, err error) {
	lines := tx.Table("order_lines").Select("order_id, SUM(quantity) AS quantity").
		Where("order_id > ? AND order_id <= ?", first, last).Group("order_id")
	if ordered, err = sums(lines); err != nil {
		return nil, nil, err
	}
	back := tx.Table("return_lines AS l").Select("r.order_id AS order_id, SUM(l.quantity) AS quantity").
		Joins("JOIN returns AS r ON r.id = l.return_id").
		Where("r.order_id > ? AND r.order_id <= ? AND r.status NOT IN ?", first, last,
			[]string{string(order.Requested), string(order.Rejected)}).
		Group("r.order_id")
	returned, err = sums(back)
	return ordered, returned, err
}

func sums(query *gorm.DB) (map[string]int64, error) {
	var rows []struct {
		OrderID  string `gorm:"column:order_id"`
		Quantity int64  `gorm:"column:quantity"`
	}
	err := query.Find(&rows).Error
	byOrder := make(map[string]int64, len(rows))
	for _, r := range rows {
		byOrder[r.OrderID] = r.Quantity
	}
	return byOrder, err
}
