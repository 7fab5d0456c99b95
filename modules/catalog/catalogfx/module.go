// Package catalogfx wires the catalog module together. Only main packages import it.
package catalogfx

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/fx"

	catalogsql "github.com/pangaea-shop/pangaea/migrations/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/demo"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/web"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// Module is all of the catalog. It provides catalog.Prices to whoever is in the same process.
var Module = fx.Module("catalog",
	module.Parts("catalog", catalogsql.Files),
	fx.Provide(
		fx.Private, // nothing in here can be asked for from outside
		config.Section[demo.Settings],
		store.NewProducts,
		store.NewAvailability,
		web.NewProducts,
	),
	fx.Provide(func(products *store.Products) catalog.Prices { return products }),
	fx.Invoke(connect),
)

// connect is the whole list of how the world reaches the catalog: its routes, the events it listens
// to, and the products that a first start finds.
func connect(
	api huma.API, events *bus.Events, start fx.Lifecycle, settings demo.Settings,
	routes *web.Products, products *store.Products, availability *store.Availability,
) error {
	routes.Mount(api)
	start.Append(fx.StartHook(func(ctx context.Context) error { return demo.Fill(ctx, settings, products, time.Now().UTC()) }))
	return events.Listen(
		bus.On(availability.StockLevelChanged),
	)
}
