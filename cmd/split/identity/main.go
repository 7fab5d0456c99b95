// Command identity runs the identity module as a process of its own, at its place in the topology that PANGAEA_TOPOLOGY names.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/modules/identity/identityfx"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/platform/app"
)

var identity = fx.Options(
	service.Base,
	identityfx.Module,
	identityrpc.Server,
)

func main() { app.Run(identity) }
