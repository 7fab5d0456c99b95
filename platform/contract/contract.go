// Package contract writes down what modules promise each other in their events, and notices when they
// are about to break it.
//
//	contract types ─▶ Of ─▶ a JSON Schema for each version of each event ─▶ AsyncAPI
//	                               │
//	       the last release's ─▶ Breaks ─▶ what whoever knows only that one would stumble over
package contract

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A Schema says what an event carries in one version, as JSON Schema 2020-12. Its id is what a message's
// dataschema says.
type Schema struct {
	Event   string
	Version int
	*jsonschema.Schema
}

// Of is the schema of a contract type, with the comments of its source. A field is optional if JSON omits
// it when it is empty. Nothing is said against further fields: a later release may add some.
func Of(event envelope.Named, source Source) Schema {
	reflector := jsonschema.Reflector{
		Anonymous:                 true,
		DoNotReference:            true,
		AllowAdditionalProperties: true,
		LookupComment:             source.comment,
	}
	schema := reflector.ReflectFromType(reflect.TypeOf(event))
	schema.ID = jsonschema.ID(envelope.Schema(event))
	schema.Title = event.EventName()
	return Schema{event.EventName(), envelope.Version(event), schema}
}

// String names the schema: the event and its version.
func (s Schema) String() string { return fmt.Sprintf("%s.v%d", s.Event, s.Version) }

// Module is the module that announces the event.
func (s Schema) Module() string {
	module, _, _ := strings.Cut(s.Event, ".")
	return module
}

// Read returns the schemas that a folder holds.
func Read(folder fs.FS) ([]Schema, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	schemas := make([]Schema, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		s := Schema{Schema: new(jsonschema.Schema)}
		if err := json.Unmarshal(text, s.Schema); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		if s.Event, s.Version = envelope.ParseSchema(string(s.ID)); s.String()+".json" != name {
			return nil, fmt.Errorf("schema %s: its $id %q is of another event or version", name, s.ID)
		}
		schemas[i] = s
	}
	return schemas, nil
}
