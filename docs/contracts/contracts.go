// Package contracts holds what is generated from the code and needed where the code is not linked: who
// hears which event, which module answers which route, and the description of the API.
package contracts

//go:generate go run ../../cmd/pangaea contracts --dir .

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

//go:embed subscriptions.json
var subscriptions []byte

//go:embed routes.json
var routes []byte

//go:embed openapi.json
var openAPI []byte

// Subscriptions says which modules hear which event.
func Subscriptions() (outbox.Manifest, error) { return outbox.ParseManifest(subscriptions) }

// Routes says which module answers which route, and who may call it.
func Routes() (list []httpserver.Route, err error) {
	if err := json.Unmarshal(routes, &list); err != nil {
		return nil, fmt.Errorf("read routes.json: %w", err)
	}
	return list, nil
}

// OpenAPI describes the API of all modules.
func OpenAPI() httpserver.Description { return openAPI }
