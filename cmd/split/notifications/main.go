// Command notifications runs the notifications module as a process of its own, at its place in the topology that PANGAEA_TOPOLOGY names.
package main

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/notifications/notificationsfx"
	"github.com/pangaea-shop/pangaea/platform/app"
)

var notifications = fx.Options(
	service.Base,
	notificationsfx.Module,
	identityrpc.Client,
)

func main() { app.Run(notifications) }
