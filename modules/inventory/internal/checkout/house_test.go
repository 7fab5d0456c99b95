package checkout_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// house is an inventory on a database of its own.
type house struct {
	*checkout.Keeper
	db    *database.DB
	stock *store.Stock
}

func open(t testing.TB) house {
	t.Helper()
	db := databasetest.Open(t, "inventory", inventorysql.Files)
	s := store.NewStock(db, outbox.New(db, nil))
	return house{Keeper: checkout.NewKeeper(s), db: db, stock: s}
}

func (h house) receive(t *testing.T, sku string, quantity int64) {
	t.Helper()
	b := stock.Booking{SKU: sku, Kind: stock.Receipt, Reference: "opening", Quantity: quantity, By: "staff"}
	_, err := h.stock.Book(t.Context(), b, time.Now())
	require.NoError(t, err)
}

func (h house) level(t *testing.T, sku string) stock.Level {
	t.Helper()
	level, err := h.stock.Find(t.Context(), sku)
	require.NoError(t, err)
	return level
}

// states returns what became of each order.
func (h house) states(t *testing.T) map[string]string {
	t.Helper()
	orders, err := store.Orders(t.Context(), h.db)
	require.NoError(t, err)
	states := map[string]string{}
	for _, o := range orders {
		states[o.OrderID] = o.State
	}
	return states
}

// told returns the names of the events about an order, or a product, in their order.
func (h house) told(t *testing.T, key string) []string {
	t.Helper()
	var names []string
	require.NoError(t, h.db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_events").Where("event_key = ?", key).Order("position").Pluck("name", &names).Error
	}))
	return names
}

// balanced fails unless the records explain the levels.
func (h house) balanced(t require.TestingT, ctx context.Context) {
	figures, err := store.Figures(ctx, h.db)
	require.NoError(t, err)
	for _, f := range figures {
		require.Equal(t, f.Receipts+f.Adjustments, f.OnHand+f.Reserved+f.Sold-f.Returned, "%+v", f)
		require.Equal(t, f.Held, f.Reserved, "%+v", f)
	}
}

func placed(orderID string, lines ...ordering.Line) *ordering.OrderPlaced {
	return &ordering.OrderPlaced{OrderID: orderID, CustomerID: "guest", Lines: lines}
}

func line(sku string, quantity int64) ordering.Line {
	return ordering.Line{LineID: sku, SKU: sku, Quantity: quantity}
}
