package shippingfx

import (
	"context"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/dispatch"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Figure says what became of an order's goods.
type Figure = store.Figure

// Settings are what can be set about shipping.
type Settings = dispatch.Settings

// A Parcel is what the carrier took.
type Parcel = simulator.Parcel

// Figures returns every shipment, on one snapshot of shipping's database.
func Figures(ctx context.Context, shipping *database.DB) ([]Figure, error) {
	return store.Figures(ctx, shipping)
}

// CarrierRecords returns every parcel that the carrier took, from the carrier's database.
func CarrierRecords(ctx context.Context, carrier *database.DB) ([]Parcel, error) {
	return books.Parcels(ctx, carrier)
}
