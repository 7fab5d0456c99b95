// Package orderingfx wires the ordering module together. Only main packages import it.
package orderingfx

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	orderingsql "github.com/pangaea-shop/pangaea/migrations/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/web"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Module is all of ordering. It asks for catalog.Prices and identity.Customers, and not where they are.
var Module = fx.Module("ordering",
	module.Parts("ordering", orderingsql.Files),
	fx.Provide(
		fx.Private, // nothing in here can be asked for from outside
		config.Section[checkout.Settings],
		func() checkout.Clock { return time.Now },
		fx.Annotate(store.NewOrders, fx.As(fx.Self()), fx.As(new(checkout.Orders))),
		checkout.NewTill,
		checkout.NewSaga,
		web.NewOrders,
	),
	fx.Invoke(connect),
)

// connect is the whole list of how the world reaches ordering: its routes, the events it listens to, and
// what is due later.
func connect(
	api huma.API, events *bus.Events, queue *tasks.Queue, registry *prometheus.Registry,
	server *httpserver.Server, limits module.Limits,
	stored *store.Orders, orders *web.Orders, saga *checkout.Saga,
) error {
	if err := registry.Register(stored.Measurements()); err != nil {
		return err
	}
	server.Ready("ordering checkout", punctual(stored, limits))
	orders.Mount(api)
	queue.Handle(store.Deadline, saga.Deadline)
	queue.Handle(store.Forgetting, saga.Forget)
	return events.Listen(
		bus.On(saga.StockReserved),
		bus.On(saga.StockRejected),
		bus.On(saga.PaymentAuthorized),
		bus.On(saga.PaymentDeclined),
		bus.On(saga.PaymentCaptured),
		bus.On(saga.PaymentCaptureFailed),
		bus.On(saga.ShipmentDispatched),
		bus.On(saga.ShipmentDelivered),
		bus.On(saga.ShipmentCancelled),
		bus.On(saga.StockReleased),
		bus.On(saga.PaymentVoided),
		bus.On(saga.PaymentRefunded),
		bus.On(saga.PaymentRefundFailed),
		bus.On(saga.AccountClosed),
	)
}
