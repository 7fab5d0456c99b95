// Package contracts holds what is generated from the code and needed where the code is not linked: who
// hears which event, which module answers which route, and the description of the API.
package contracts

//go:generate go run ../../cmd/pangaea contracts --dir .

import (
	_ "embed"

	"github.com/pangaea-shop/pangaea/platform/outbox"
)

//go:embed subscriptions.json
var subscriptions []byte

// Subscriptions says which modules hear which event.
func Subscriptions() (outbox.Manifest, error) { return outbox.ParseManifest(subscriptions) }
