// Command monolith runs the whole shop in one process: by default with nothing but a folder for its
// databases, and events that never leave the process.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/web/storefront"
)

var monolith = fx.Options(
	app.Base,
	bus.FromConfig,
	fx.Provide(contracts.Subscriptions),
	shop.Modules,
	fx.Invoke(openStorefront),
)

// openStorefront puts the pages in front of the API of this process.
func openStorefront(server *httpserver.Server) {
	storefront.New(storefront.Local(server.Handler())).Mount(server.Pages())
}

func main() { app.Run(monolith) }
