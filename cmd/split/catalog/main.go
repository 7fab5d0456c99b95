// Command catalog runs the catalog module as a process of its own, at its place in the topology that PANGAEA_TOPOLOGY names.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogfx"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogrpc"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/platform/app"
)

var catalog = fx.Options(
	service.Base,
	catalogfx.Module,
	catalogrpc.Server,
	identityrpc.Client,
)

func main() { app.Run(catalog) }
