package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/books"
	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	orderingsql "github.com/pangaea-shop/pangaea/migrations/ordering"
	paymentssql "github.com/pangaea-shop/pangaea/migrations/payments"
	paymentsprovidersql "github.com/pangaea-shop/pangaea/migrations/payments_provider"
	shippingsql "github.com/pangaea-shop/pangaea/migrations/shipping"
	shippingcarriersql "github.com/pangaea-shop/pangaea/migrations/shipping_carrier"
	"github.com/pangaea-shop/pangaea/modules/inventory/inventoryfx"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
	"github.com/pangaea-shop/pangaea/platform/backlog"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An archive is the databases of those who take part in selling, open for reading.
type archive struct {
	shelves    []shelf
	overBroker bool // what they tell each other may be with neither
}

// A shelf is the database of one of them, and what there is to ask it.
type shelf struct {
	db  *database.DB
	ask func(context.Context, *database.DB, *books.Reading) error
}

var shelves = []struct {
	name       string
	migrations fs.FS
	ask        func(context.Context, *database.DB, *books.Reading) error
}{
	{"ordering", orderingsql.Files, func(ctx context.Context, db *database.DB, r *books.Reading) (err error) {
		r.Orders, err = orderingfx.Figures(ctx, db)
		return err
	}},
	{"inventory", inventorysql.Files, func(ctx context.Context, db *database.DB, r *books.Reading) (err error) {
		if r.Levels, err = inventoryfx.Figures(ctx, db); err == nil {
			r.Goods, err = inventoryfx.Orders(ctx, db)
		}
		return err
	}},
	{"payments", paymentssql.Files, func(ctx context.Context, db *database.DB, r *books.Reading) (err error) {
		r.Payments, err = paymentsfx.Figures(ctx, db)
		return err
	}},
	{paymentsfx.ProviderDatabase, paymentsprovidersql.Files, func(ctx context.Context, db *database.DB, r *books.Reading) (err error) {
		r.Statement, err = paymentsfx.Statement(ctx, db)
		return err
	}},
	{"shipping", shippingsql.Files, func(ctx context.Context, db *database.DB, r *books.Reading) (err error) {
		r.Shipments, err = shippingfx.Figures(ctx, db)
		return err
	}},
	{shippingfx.CarrierDatabase, shippingcarriersql.Files, func(ctx context.Context, db *database.DB, r *books.Reading) (err error) {
		r.Parcels, err = shippingfx.CarrierRecords(ctx, db)
		return err
	}},
}

// openArchive opens the databases. Where none of them is there, nobody has opened the shop: its archive has
// nothing to say. Where some are missing it cannot speak for the shop, nor from a folder of other things or of
// files that do not belong together.
func openArchive(ctx context.Context, places database.Places) (*archive, error) {
	a := &archive{}
	var missing []error
	if err := belonging(places); err != nil {
		return nil, err
	}
	for _, s := range shelves {
		place, err := places(s.name)
		if err != nil {
			return nil, errors.Join(err, a.close())
		}
		place.Migrations = s.migrations
		db, err := database.OpenReadOnly(ctx, s.name, place)
		switch {
		case err == nil:
			a.shelves = append(a.shelves, shelf{db, s.ask})
		case fault.Is(err, fault.NotFound):
			missing = append(missing, err)
		default:
			return nil, errors.Join(err, a.close())
		}
	}
	if len(missing) > 0 && (len(a.shelves) > 0 || !empty(places)) {
		return nil, errors.Join(missing[0], a.close())
	}
	return a, nil
}

// folders are those that databases are in, beside those that are on a server.
func folders(places database.Places) (dirs []string, err error) {
	for _, s := range shelves {
		place, err := places(s.name)
		if err != nil {
			return nil, err
		}
		if place.URL == "" && !slices.Contains(dirs, place.Dir) {
			dirs = append(dirs, place.Dir)
		}
	}
	return dirs, nil
}

// belonging returns an error if databases are in a folder and do not belong together. They are not open yet.
func belonging(places database.Places) error {
	dirs, err := folders(places)
	for _, dir := range dirs {
		err = errors.Join(err, database.Whole(dir))
	}
	return err
}

// empty reports whether there is nothing in the folders that databases would be in.
func empty(places database.Places) bool {
	dirs, err := folders(places)
	for _, dir := range dirs {
		entries, unread := os.ReadDir(dir)
		if unread != nil || len(entries) > 0 {
			return false
		}
	}
	return err == nil
}

// read asks everybody, one after the other: each for its figures and for what it has not finished, on one
// snapshot of its own.
func (a *archive) read(ctx context.Context) (books.Reading, error) {
	reading := books.Reading{At: time.Now().UTC()}
	lanes := map[string]backlog.Lanes{}
	for _, s := range a.shelves {
		err := s.db.Read(ctx, func(ctx context.Context, _ *gorm.DB) error {
			items, err := backlog.Of(ctx, s.db)
			if err != nil {
				return err
			}
			reading.Backlog = append(reading.Backlog, items...)
			if a.overBroker {
				if lanes[s.db.Name()], err = backlog.LanesOf(ctx, s.db); err != nil {
					return err
				}
			}
			return s.ask(ctx, s.db, &reading)
		})
		if err != nil {
			return reading, fmt.Errorf("read the database of %s: %w", s.db.Name(), err)
		}
	}
	reading.Backlog = append(reading.Backlog, backlog.OnTheWay(lanes)...)
	return reading, nil
}

func (a *archive) close() error {
	var failed []error
	for _, s := range a.shelves {
		failed = append(failed, s.db.Close())
	}
	return errors.Join(failed...)
}
