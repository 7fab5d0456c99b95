// Package paymentsfx wires the payments module together. Only main packages import it.
package paymentsfx

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	paymentssql "github.com/pangaea-shop/pangaea/migrations/payments"
	paymentsprovidersql "github.com/pangaea-shop/pangaea/migrations/payments_provider"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/cashier"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/payments/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/web"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Module is all of payments, and beside it the built-in provider, which is somebody else's business and
// shares nothing with it.
var Module = fx.Options(provider, fx.Module("payments",
	module.Parts("payments", paymentssql.Files),
	fx.Provide(
		fx.Private, // nothing in here can be asked for from outside
		config.Section[cashier.Settings],
		store.NewPayments,
		func(s *store.Payments) *checkout.Checkout { return checkout.New(s) },
		func(s *store.Payments, p *simulator.Provider, settings cashier.Settings) *cashier.Cashier {
			return cashier.New(s, p, settings)
		},
		web.NewPayments,
	),
	fx.Invoke(connect),
))

// atOnce is how many calls of the provider may be under way: one that is never answered holds a place
// until it times out, and should not hold up others.
const atOnce = 64

// connect is the whole list of how the world reaches payments: its routes, what it asks the provider and
// what the provider says unasked, and the events it listens to.
func connect(
	api huma.API, events *bus.Events, queue *tasks.Queue, provider *simulator.Provider,
	registry *prometheus.Registry, payments *store.Payments,
	routes *web.Payments, cashier *cashier.Cashier, checkout *checkout.Checkout,
) error {
	if err := registry.Register(payments.Alarms()); err != nil {
		return err
	}
	routes.Mount(api)
	queue.With(tasks.Policy{AtOnce: atOnce})
	for _, call := range []payment.Call{payment.Authorize, payment.Capture, payment.Void, payment.PayBack} {
		queue.Handle(string(call), cashier.Ask)
	}
	provider.Tell(cashier.Hear)
	return events.Listen(
		bus.On(checkout.OrderReserved),
		bus.On(checkout.OrderConfirmed),
		bus.On(checkout.OrderCancelled),
		bus.On(checkout.ReturnAccepted),
	)
}

// ProviderDatabase is the name of the provider's own database.
const ProviderDatabase = "payments-provider"

var provider = fx.Module(ProviderDatabase,
	module.Parts(ProviderDatabase, paymentsprovidersql.Files),
	fx.Provide(fx.Private, config.Section[simulator.Settings], books.NewBooks),
	fx.Provide(func(b *books.Books, s simulator.Settings) *simulator.Provider { return simulator.New(b, s) }),
	fx.Invoke(func(queue *tasks.Queue, provider *simulator.Provider) {
		queue.Handle(books.CallBack, provider.CallBack)
	}),
)
