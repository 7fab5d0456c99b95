// Package service is what every process stands on that hosts modules, whichever they are.
package service

import (
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/bus"
)

// Base is the platform, a bus, and who hears what. It needs identity.Keys: from identity in the same process, or from
// identityrpc.
var Base = fx.Options(
	app.Base,
	bus.FromConfig,
	fx.Provide(contracts.Subscriptions, keys),
)

// keys are those that access tokens are verified with: every process verifies them again.
func keys(keys identity.Keys) auth.KeySource { return keys }
