package stories

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// misfits names what a schema does not allow in a document.
func misfits(schema *openapi3.Schema, document []byte) (names []string) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	value = understood(schema, value, nil, &names)
	var several openapi3.MultiError
	if errors.As(schema.VisitJSON(value, openapi3.MultiErrors()), &several) {
		for _, err := range several {
			names = append(names, misfit(err))
		}
	}
	return names
}

// misfit names the place that an error is about.
func misfit(err error) string {
	var wrong *openapi3.SchemaError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	var place []any
	for _, part := range wrong.JSONPointer() {
		if index, err := strconv.Atoi(part); err == nil {
			place = append(place, index)
			continue
		}
		place = append(place, part)
	}
	if _, member, ok := strings.Cut(wrong.Reason, `property "`); ok && strings.HasSuffix(wrong.Reason, "is unsupported") {
		member, _, _ = strings.Cut(member, `"`)
		place = append(place, member)
	}
	return nameOf(place)
}

// understood is a value as the shop reads it, where that is more than a schema can say: null stands for a
// member that is left out, and an integer is written with digits alone and has 64 bits.
func understood(schema *openapi3.Schema, value any, place []any, names *[]string) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			property := schema.Properties[name]
			switch {
			case property == nil:
			case member == nil && !slices.Contains(schema.Required, name):
				delete(value, name)
			default:
				value[name] = understood(property.Value, member, append(slices.Clip(place), name), names)
			}
		}
	case []any:
		for i, item := range value {
			if schema.Items != nil {
				value[i] = understood(schema.Items.Value, item, append(slices.Clip(place), i), names)
			}
		}
	case json.Number:
		if _, err := strconv.ParseInt(value.String(), 10, 64); err != nil && schema.Type.Is(openapi3.TypeInteger) {
			*names = append(*names, nameOf(place))
		}
	}
	return value
}

// put sets what is in a place of a document.
func put(document any, place []any, value any) any {
	if len(place) == 0 {
		return value
	}
	switch part := place[0].(type) {
	case int:
		list := document.([]any)
		list[part] = put(list[part], place[1:], value)
	case string:
		object := document.(map[string]any)
		object[part] = put(object[part], place[1:], value)
	}
	return document
}

// at is what is in a place of a document.
func at(document []byte, place []any) []byte {
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		panic(err)
	}
	for _, part := range place {
		switch part := part.(type) {
		case int:
			value = value.([]any)[part]
		case string:
			value = value.(map[string]any)[part]
		}
	}
	return render(value)
}

// nameOf is what the shop calls a place in a document: items[0].sku.
func nameOf(place []any) string {
	var name strings.Builder
	for _, part := range place {
		if index, ok := part.(int); ok {
			fmt.Fprintf(&name, "[%d]", index)
			continue
		}
		fmt.Fprintf(&name, ".%s", part)
	}
	return strings.TrimPrefix(name.String(), ".")
}
