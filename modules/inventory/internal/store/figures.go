package store

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Figure is all that there is to count of one product: its level, and the records that must explain it.
// OnHand + Reserved + Sold − Returned = Receipts + Adjustments, and Reserved = Held.
type Figure struct {
	SKU         string `json:"sku"`
	OnHand      int64  `json:"on_hand"`
	Reserved    int64  `json:"reserved"`
	Receipts    int64  `json:"receipts"`
	Adjustments int64  `json:"adjustments"`
	Held        int64  `json:"held"`     // the lines of orders that are reserved
	Sold        int64  `json:"sold"`     // the lines of orders that are sold
	Returned    int64  `json:"returned"` // what came back of those
}

// Figures counts every product on one snapshot, in the order of the SKUs.
func Figures(ctx context.Context, db *database.DB) ([]Figure, error) {
	bySKU := map[string]*Figure{}
	err := db.Read(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var rows []levelRow
		if err := tx.Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			bySKU[row.SKU] = &Figure{SKU: row.SKU, OnHand: row.OnHand, Reserved: row.Reserved}
		}
		return count(tx, bySKU)
	})
	figures := make([]Figure, 0, len(bySKU))
	for _, sku := range slices.Sorted(maps.Keys(bySKU)) {
		figures = append(figures, *bySKU[sku])
	}
	return figures, err
}

// count adds the records up, also those of a product without a level, which the schema does not allow.
func count(tx *gorm.DB, bySKU map[string]*Figure) error {
	lines := func(state stock.Status) *gorm.DB {
		return tx.Table("reservation_lines AS l").Select("l.sku, SUM(l.quantity) AS quantity").
			Joins("JOIN reservations AS r ON r.order_id = l.order_id").Where("r.state = ?", string(state)).Group("l.sku")
	}
	bookings := func(kind stock.Kind) *gorm.DB {
		return tx.Table("bookings").Select("sku, SUM(quantity) AS quantity").Where("kind = ?", string(kind)).Group("sku")
	}
	returns := tx.Table("returned_pieces AS l").Select("l.sku, SUM(l.quantity) AS quantity").
		Joins("JOIN reservations AS r ON r.order_id = l.order_id").Where("r.state = ?", string(stock.Sold)).Group("l.sku")

	for _, sum := range []struct {
		query *gorm.DB
		field func(*Figure) *int64
	}{
		{bookings(stock.Receipt), func(f *Figure) *int64 { return &f.Receipts }},
		{bookings(stock.Adjustment), func(f *Figure) *int64 { return &f.Adjustments }},
		{lines(stock.Reserved), func(f *Figure) *int64 { return &f.Held }},
		{lines(stock.Sold), func(f *Figure) *int64 { return &f.Sold }},
		{returns, func(f *Figure) *int64 { return &f.Returned }},
	} {
		var sums []struct {
			SKU      string `gorm:"column:sku"`
			Quantity int64  `gorm:"column:quantity"`
		}
		if err := sum.query.Find(&sums).Error; err != nil {
			return err
		}
		for _, s := range sums {
			if bySKU[s.SKU] == nil {
				bySKU[s.SKU] = &Figure{SKU: s.SKU}
			}
			*sum.field(bySKU[s.SKU]) = s.Quantity
		}
	}
	return nil
}

// A Held says what became of an order's goods.
type Held struct {
	OrderID  string `json:"order_id"`
	State    string `json:"state"`    // reserved, rejected, sold, released or restocked
	Pieces   int64  `json:"pieces"`   // that were set aside, of all products
	Returned int64  `json:"returned"` // of those
}

// Orders returns the state of every order that the stock heard of, on one snapshot.
func Orders(ctx context.Context, db *database.DB) (orders []Held, err error) {
	err = db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		pieces, err := piecesByOrder(tx, "reservation_lines")
		if err != nil {
			return err
		}
		returned, err := piecesByOrder(tx, "returned_pieces")
		if err != nil {
			return err
		}
		if err := tx.Table("reservations").Select("order_id, state").Order("order_id").Find(&orders).Error; err != nil {
			return err
		}
		for i := range orders {
			orders[i].Pieces, orders[i].Returned = pieces[orders[i].OrderID], returned[orders[i].OrderID]
		}
		return nil
	})
	return orders, err
}

func piecesByOrder(tx *gorm.DB, table string) (map[string]int64, error) {
	var sums []struct {
		OrderID  string `gorm:"column:order_id"`
		Quantity int64  `gorm:"column:quantity"`
	}
	err := tx.Table(table).Select("order_id, SUM(quantity) AS quantity").Group("order_id").Find(&sums).Error
	pieces := make(map[string]int64, len(sums))
	for _, sum := range sums {
		pieces[sum.OrderID] = sum.Quantity
	}
	return pieces, err
}
