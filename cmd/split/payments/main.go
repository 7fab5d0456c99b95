// Command payments runs the payments module as a process of its own, at its place in the topology that PANGAEA_TOPOLOGY names.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/platform/app"
)

var payments = fx.Options(
	service.Base,
	paymentsfx.Module,
	identityrpc.Client,
)

func main() { app.Run(payments) }
