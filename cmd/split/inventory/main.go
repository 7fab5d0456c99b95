// Command inventory runs the inventory module as a process of its own, at its place in the topology that PANGAEA_TOPOLOGY names.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/inventory/inventoryfx"
	"github.com/pangaea-shop/pangaea/platform/app"
)

var inventory = fx.Options(
	service.Base,
	inventoryfx.Module,
	identityrpc.Client,
)

func main() { app.Run(inventory) }
