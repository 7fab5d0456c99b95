// Package simulator is a carrier that is built in: somebody else's business in the same process. It keeps
// books of its own in a database of its own, and knows a parcel by its sender's key. It keeps no names.
package simulator

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
)

// A Parcel is what the carrier took. DeliveredAt is zero until it has arrived.
type Parcel struct {
	ShipmentID     string
	TrackingNumber string
	Country        string
	TakenAt        time.Time
	DeliveredAt    time.Time
}

// Books keep the parcels.
type Books interface {
	// Take keeps a parcel, and returns the one it knows by that key if there is one.
	Take(ctx context.Context, p Parcel) (Parcel, error)
	// Deliver notes when a parcel arrived, if it has not; an unknown one is fault.NotFound.
	Deliver(ctx context.Context, shipmentID string, at time.Time) error
}

// A Carrier is the simulated carrier.
type Carrier struct{ books Books }

// New returns a carrier with these books.
func New(books Books) *Carrier { return &Carrier{books} }

// HandOver takes a parcel and returns its tracking number.
func (c *Carrier) HandOver(ctx context.Context, shipmentID string, to shipment.Address) (string, error) {
	parcel, err := c.books.Take(ctx, Parcel{
		ShipmentID: shipmentID, TrackingNumber: trackingNumber(), Country: to.Country, TakenAt: time.Now().UTC(),
	})
	return parcel.TrackingNumber, err
}

// Deliver delivers a parcel that was taken.
func (c *Carrier) Deliver(ctx context.Context, shipmentID string) error {
	return c.books.Deliver(ctx, shipmentID, time.Now().UTC())
}

func trackingNumber() string {
	return "PG" + strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", "")[:16])
}
