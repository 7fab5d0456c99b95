package shop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pangaea-shop/pangaea/platform/contract"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Contracts renders what docs/contracts holds, by file name, from the shop as it is wired.
func Contracts() (map[string][]byte, error) {
	wired, discard, err := Wire()
	if err != nil {
		return nil, err
	}
	defer discard()
	subscriptions := outbox.Manifest{}
	for _, member := range wired.Roll.Members() {
		subscriptions.Hear(member.Name, member.Events.Names()...)
	}
	schemas, err := describe(events)
	if err != nil {
		return nil, err
	}
	for name := range subscriptions {
		if !slices.ContainsFunc(schemas, func(s contract.Schema) bool { return s.Event == name }) {
			return nil, fmt.Errorf("%v hear %s, which no module announces", subscriptions[name], name)
		}
	}
	contents := map[string]any{
		"subscriptions.json": subscriptions,
		"routes.json":        wired.Server.Routes(),
		"openapi.json":       wired.Server.OpenAPI(),
		"asyncapi.json":      contract.AsyncAPI(about, schemas, subscriptions),
	}
	for _, schema := range schemas {
		contents["events/"+schema.String()+".json"] = schema.Schema
	}
	documents := map[string][]byte{}
	for name, content := range contents {
		if documents[name], err = indented(content); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

var about = contract.Info{
	Title:   "Pangaea",
	Version: "1",
	Description: "The events by which the modules of the shop talk. Each module announces its own and hears those of others on one topic, " +
		"at least once and in order per key, whatever carries them. Fields that a reader does not know are to be ignored: a later release may add some.",
}

func indented(document any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(document)
	return text.Bytes(), err
}
