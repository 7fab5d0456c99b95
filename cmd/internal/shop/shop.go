// Package shop lists the modules of the shop, for the mains that host or describe several of them.
package shop

import (
	"fmt"
	"slices"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogfx"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogrpc"
	"github.com/pangaea-shop/pangaea/modules/identity/identityfx"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/inventory/inventoryfx"
	"github.com/pangaea-shop/pangaea/modules/notifications/notificationsfx"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
	"github.com/pangaea-shop/pangaea/platform/gateway"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// A part is a module, and the ways to and from it where processes ask each other.
type part struct {
	name   string
	module fx.Option
	server fx.Option // answers others; nil: it answers no questions
	client fx.Option // asks it where it is elsewhere
	asks   []string  // whom it asks
}

var parts = []part{
	{name: "identity", module: identityfx.Module, server: identityrpc.Server, client: identityrpc.Client},
	{name: "catalog", module: catalogfx.Module, server: catalogrpc.Server, client: catalogrpc.Client, asks: []string{"identity"}},
	{name: "inventory", module: inventoryfx.Module, asks: []string{"identity"}},
	{name: "ordering", module: orderingfx.Module, asks: []string{"catalog", "identity"}},
	{name: "payments", module: paymentsfx.Module, asks: []string{"identity"}},
	{name: "shipping", module: shippingfx.Module, asks: []string{"identity"}},
	{name: "notifications", module: notificationsfx.Module, asks: []string{"identity"}},
}

// Modules are all of them, in one process.
var Modules = hosted(func(string) bool { return true })

// Describe says what a topology has to suit.
func Describe() topology.Shop {
	shop := topology.Shop{Questions: map[string][]string{}}
	for _, p := range parts {
		shop.Modules = append(shop.Modules, p.name)
		shop.Questions[p.name] = p.asks
	}
	return shop
}

// At is what one process of a topology hosts: its modules, who is asked elsewhere, and at the edge the routes of
// everybody else.
func At(place topology.Place) (fx.Option, error) {
	if place.Whole() {
		return Modules, nil
	}
	if place.Process == nil {
		return nil, fmt.Errorf("PANGAEA_PROCESS is empty: it says which of the processes in %s this is: %v", place.Topology.Path, place.Topology.Names())
	}
	if err := place.Topology.Suits(Describe()); err != nil {
		return nil, fmt.Errorf("%s: %w", place.Topology.Path, err)
	}
	here := func(module string) bool { return slices.Contains(place.Process.Modules, module) }
	if len(place.Process.Modules) == 0 {
		return nil, fmt.Errorf("%s hosts no module in %s: cmd/split/gateway is the program for it", place.Process.Name, place.Topology.Path)
	}
	option := hosted(here)
	if place.Edge() && len(place.Process.Modules) < len(parts) {
		option = fx.Options(option, fx.Provide(elsewhere(here), contracts.OpenAPI), gateway.Module)
	}
	return option, nil
}

// hosted are the modules that are here, and the ways to those that are not.
func hosted(here func(module string) bool) fx.Option {
	var options []fx.Option
	for _, p := range parts {
		switch {
		case here(p.name) && p.server != nil:
			options = append(options, p.module, p.server)
		case here(p.name):
			options = append(options, p.module)
		case p.client != nil:
			options = append(options, p.client)
		}
	}
	return fx.Options(options...)
}

// elsewhere are the routes of modules that are not here.
func elsewhere(here func(module string) bool) func() ([]httpserver.Route, error) {
	return func() ([]httpserver.Route, error) {
		routes, err := contracts.Routes()
		return slices.DeleteFunc(routes, func(r httpserver.Route) bool { return here(r.Module) }), err
	}
}
