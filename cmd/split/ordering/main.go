// Command ordering runs the ordering module as a process of its own, at its place in the topology that PANGAEA_TOPOLOGY names.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogrpc"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/platform/app"
)

var ordering = fx.Options(
	service.Base,
	orderingfx.Module,
	catalogrpc.Client,
	identityrpc.Client,
)

func main() { app.Run(ordering) }
