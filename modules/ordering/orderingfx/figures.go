package orderingfx

import (
	"context"
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Figure is what the invariant check has to know of one order.
type Figure struct {
	ID           string
	Reference    string
	Status       string
	CancelReason string
	Total        money.Money
	Refunded     money.Money
	PlacedAt     time.Time
	DeadlineAt   time.Time
	StockSettled bool
	MoneySettled bool
	Settled      bool // delivered, or cancelled with goods and money back
	RefundFailed bool // cancelled, and the provider refuses to give the money back: staff try again
	Pieces       int64
	Returned     int64 // of those
}

// Figures returns the figures of every order in db, ordering's database, oldest first, on one snapshot.
func Figures(ctx context.Context, db *database.DB) ([]Figure, error) {
	var figures []Figure
	err := store.Each(ctx, db, func(s order.State, ordered, returned int64) {
		figures = append(figures, Figure{
			ID: s.ID, Reference: s.Reference, Status: string(s.Status), CancelReason: s.CancelReason,
			Total: s.Total, Refunded: s.Refunded, PlacedAt: s.PlacedAt, DeadlineAt: s.DeadlineAt,
			StockSettled: s.StockSettled, MoneySettled: s.MoneySettled, Settled: s.Settled(),
			RefundFailed: s.RefundFailed, Pieces: ordered, Returned: returned,
		})
	})
	return figures, err
}
