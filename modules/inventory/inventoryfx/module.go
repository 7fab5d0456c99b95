// Package inventoryfx wires the inventory module together. Only main packages import it.
package inventoryfx

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/fx"

	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/announce"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/demo"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/web"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// Module is all of the inventory.
var Module = fx.Module("inventory",
	module.Parts("inventory", inventorysql.Files),
	fx.Provide(
		fx.Private, // nothing in here can be asked for from outside
		config.Section[demo.Settings],
		store.NewStock,
		func(s *store.Stock) *checkout.Keeper { return checkout.NewKeeper(s) },
		func(s *store.Stock) *announce.Announcer { return announce.New(s) },
		web.NewStock,
	),
	fx.Invoke(connect),
)

// connect is the whole list of how the world reaches the inventory: its routes, the events it listens
// to, and the stock that a first start finds.
func connect(
	api huma.API, events *bus.Events, process fx.Lifecycle, settings demo.Settings,
	routes *web.Stock, stock *store.Stock, keeper *checkout.Keeper, announcer *announce.Announcer,
) error {
	routes.Mount(api)
	process.Append(fx.StartHook(func(ctx context.Context) error { return demo.Fill(ctx, settings, stock, time.Now().UTC()) }))
	process.Append(fx.StartStopHook(announcer.Start, announcer.Stop))
	return events.Listen(
		bus.On(keeper.OrderPlaced),
		bus.On(keeper.OrderConfirmed),
		bus.On(keeper.OrderCancelled),
		bus.On(keeper.ReturnAccepted),
	)
}
