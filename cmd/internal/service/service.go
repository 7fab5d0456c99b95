// Package service is what every process stands on that hosts modules, whichever they are.
package service

import (
	"fmt"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// Base is the platform, a bus, and who hears what. It needs identity.Keys: from identity in the same process, or from
// identityrpc.
var Base = fx.Options(
	app.Base,
	bus.FromConfig,
	fx.Provide(contracts.Subscriptions, keys),
	fx.Invoke(withinEarshot),
)

// keys are those that access tokens are verified with: every process verifies them again.
func keys(keys identity.Keys) auth.KeySource { return keys }

// withinEarshot makes sure that events reach the modules that other processes host.
func withinEarshot(place topology.Place, addresses bus.Addresses, manifest outbox.Manifest) error {
	if place.Process == nil {
		return nil
	}
	for _, module := range place.Process.Modules {
		if addresses.Of(module) != "" {
			continue
		}
		for _, other := range manifest.Modules() {
			if host := place.Topology.Host(other); host != nil && host != place.Process {
				return fmt.Errorf("PANGAEA_BUS_URL is empty: %s says that %s is in the process %s, which the events of %s would not reach",
					place.Topology.Path, other, host.Name, module)
			}
		}
	}
	return nil
}
