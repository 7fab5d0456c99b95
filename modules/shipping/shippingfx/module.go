// Package shippingfx wires the shipping module together. Only main packages import it.
package shippingfx

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/fx"

	shippingsql "github.com/pangaea-shop/pangaea/migrations/shipping"
	shippingcarriersql "github.com/pangaea-shop/pangaea/migrations/shipping_carrier"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/dispatch"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/store"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/web"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Module is all of shipping, and beside it the built-in carrier, which is somebody else's business and
// shares nothing with it.
var Module = fx.Options(carrier, fx.Module("shipping",
	module.Parts("shipping", shippingsql.Files),
	fx.Provide(
		fx.Private, // nothing in here can be asked for from outside
		config.Section[dispatch.Settings],
		store.NewShipments,
		func(s *store.Shipments, q *tasks.Queue, c *simulator.Carrier, settings dispatch.Settings) *dispatch.Desk {
			return dispatch.New(s, q, c, settings, time.Now)
		},
		web.NewShipments,
	),
	fx.Invoke(connect),
))

// atOnce is how many errands may be under way: each waits for commits, which they share.
const atOnce = 64

// connect is the whole list of how the world reaches shipping: its routes, its errands to the carrier,
// and the events it listens to.
func connect(api huma.API, events *bus.Events, queue *tasks.Queue, routes *web.Shipments, desk *dispatch.Desk) error {
	routes.Mount(api)
	queue.With(tasks.Policy{AtOnce: atOnce})
	queue.Handle(dispatch.HandOver, desk.Run)
	queue.Handle(dispatch.Deliver, desk.Run)
	queue.Handle(dispatch.Forgetting, desk.Forget)
	return events.Listen(
		bus.On(desk.OrderPaid),
		bus.On(desk.CancellationRequested),
		bus.On(desk.OrderCancelled),
		bus.On(desk.AccountClosed),
	)
}

// CarrierDatabase is the name of the carrier's own database.
const CarrierDatabase = "shipping-carrier"

var carrier = fx.Module(CarrierDatabase,
	module.Parts(CarrierDatabase, shippingcarriersql.Files),
	fx.Provide(fx.Private, books.NewBooks),
	fx.Provide(func(b *books.Books) *simulator.Carrier { return simulator.New(b) }),
)
