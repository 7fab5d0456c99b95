// Command gateway runs the edge of the shop as a service of its own: the only one that customers talk to.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/gateway"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/web/storefront"
)

var edge = fx.Options(
	app.Base,
	fx.Provide(contracts.Routes, contracts.OpenAPI),
	gateway.Module,
	gateway.Keys,
	fx.Invoke(openStorefront),
)

// openStorefront puts the pages in front of the API that this process passes on.
func openStorefront(server *httpserver.Server) {
	storefront.New(storefront.Local(server.Handler())).Mount(server.Pages())
}

func main() { app.Run(edge) }
