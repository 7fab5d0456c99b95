package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	shippingsql "github.com/pangaea-shop/pangaea/migrations/shipping"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// The story in this file has one ending on every kind of database.

func TestEveryShipmentComesBackAsItWasSaved(t *testing.T) {
	db := databasetest.Open(t, "shipping", shippingsql.Files)
	shipments := store.NewShipments(db, outbox.New(db, nil))
	long := func(n int) string { return strings.Repeat("🫖", n) }
	for name, to := range map[string]shipment.Address{
		"plain":        {Name: "Ada", Line1: "1 Main Street", City: "London", PostalCode: "N1", Country: "GB"},
		"emoji":        {Name: "Ada 👩‍👩‍👧", Line1: "🏠", City: "Zürich", PostalCode: "8000", Country: "CH"},
		"quotes":       {Name: `O'Hara "\' ; -- ? $1 %s \0`, Line1: `\`, City: "'", PostalCode: "%", Country: "GB"},
		"spaces":       {Name: " Ada ", Line1: " ", Line2: " ", City: "London ", PostalCode: "N1 ", Country: "GB"},
		"at its limit": {Name: long(100), Line1: long(100), Line2: long(100), City: long(100), PostalCode: long(20), Country: "GB"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := []shipment.Line{
				{LineID: "a", SKU: strings.Repeat("S", 32), Quantity: 1_000_000}, {LineID: "b", SKU: "MUG", Quantity: 1}, {LineID: "c", SKU: "MUG", Quantity: 2},
			}
			var saved shipment.State
			for _, change := range []func(*shipment.Shipment) error{
				func(s *shipment.Shipment) error { s.Prepare(strings.Repeat("c", 64), to, lines); return nil },
				(*shipment.Shipment).HandOver,
				func(s *shipment.Shipment) error { return s.Taken(strings.Repeat("T", 255)) },
				(*shipment.Shipment).Arrive,
			} {
				require.NoError(t, shipments.Update(t.Context(), name, func(_ context.Context, s *shipment.Shipment) error {
					err := change(s)
					saved = s.State()
					return err
				}))
				loaded, err := shipments.Find(t.Context(), saved.ID)
				require.NoError(t, err)
				saved.Lines = lines
				for _, at := range []*time.Time{&saved.CreatedAt, &saved.DispatchedAt, &saved.DeliveredAt} {
					*at = at.Truncate(time.Microsecond)
				}
				require.Equal(t, saved, loaded)
			}
			_, err := shipments.Find(t.Context(), saved.ID+" ")
			require.True(t, fault.Is(err, fault.NotFound), "an id with a space is another id")
			err = shipments.UpdateShipment(t.Context(), saved.ID+" ", nil)
			require.True(t, fault.Is(err, fault.NotFound), "an id with a space is another id")
		})
	}
}
