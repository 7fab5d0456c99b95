// Package shop lists the modules of the shop, for the mains that host or describe all of them.
package shop

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/modules/catalog/catalogfx"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/identityfx"
	"github.com/pangaea-shop/pangaea/modules/inventory/inventoryfx"
	"github.com/pangaea-shop/pangaea/modules/notifications/notificationsfx"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
	"github.com/pangaea-shop/pangaea/platform/auth"
)

// Modules are all of them.
var Modules = fx.Options(
	identityfx.Module,
	catalogfx.Module,
	inventoryfx.Module,
	orderingfx.Module,
	paymentsfx.Module,
	shippingfx.Module,
	notificationsfx.Module,
	fx.Provide(func(keys identity.Keys) auth.KeySource { return keys }),
)
