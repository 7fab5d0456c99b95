// Command shipping runs the shipping module as a process of its own, at its place in the topology that PANGAEA_TOPOLOGY names.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
	"github.com/pangaea-shop/pangaea/platform/app"
)

var shipping = fx.Options(
	service.Base,
	shippingfx.Module,
	identityrpc.Client,
)

func main() { app.Run(shipping) }
