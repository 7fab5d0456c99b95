package inventoryfx

import (
	"context"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Figure is all that there is to count of one product: its level, and the records that must explain it.
// OnHand + Reserved + Sold − Returned = Receipts + Adjustments, and Reserved = Held.
type Figure = store.Figure

// Figures counts every product on one snapshot of the inventory's database.
func Figures(ctx context.Context, db *database.DB) ([]Figure, error) { return store.Figures(ctx, db) }

// A Held says what became of an order's goods.
type Held = store.Held

// Orders returns the state of every order that the inventory heard of.
func Orders(ctx context.Context, db *database.DB) ([]Held, error) { return store.Orders(ctx, db) }
