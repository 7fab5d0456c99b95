package shop

import (
	"bytes"
	"encoding/json"

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
	documents := map[string][]byte{}
	for name, document := range map[string]any{
		"subscriptions.json": subscriptions,
		"routes.json":        wired.Server.Routes(),
		"openapi.json":       wired.Server.OpenAPI(),
	} {
		if documents[name], err = indented(document); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

func indented(document any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(document)
	return text.Bytes(), err
}
