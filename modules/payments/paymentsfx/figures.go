package paymentsfx

import (
	"context"

	books "github.com/pangaea-shop/pangaea/modules/payments/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// AllFigures are all that there is to count of payments: each order's payment and what the books say
// about it, the sum of the books, and how many alarms were raised.
type AllFigures = store.Figures

// An OrderFigure is what payments believe of one order. Where InFlight is set the provider may know more.
type OrderFigure = store.OrderFigure

// An Imbalance is by how much the postings of a transaction fail to sum to zero in a currency.
type Imbalance = store.Imbalance

// A StatementLine is what the provider's own statement says of one payment.
type StatementLine = books.Line

// Figures counts payments on one snapshot of their database.
func Figures(ctx context.Context, payments *database.DB) (AllFigures, error) {
	return store.Count(ctx, payments)
}

// Statement reads the provider's statement from the provider's database.
func Statement(ctx context.Context, provider *database.DB) ([]StatementLine, error) {
	return books.Statement(ctx, provider)
}
