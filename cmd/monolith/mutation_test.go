package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// samples are texts for the patterns that descriptions use.
var samples = map[string]string{
	`^[A-Za-z0-9][A-Za-z0-9_.-]*$`: "KNOB", `^[A-Z]{3}$`: "GBP", `^[A-Z]{2}$`: "GB",
	`^[!-~]+$`: "key-12345678", `^[\x21-\x7e]*$`: "tok_approve",
	`^[^\x00-\x1f\x7f]*$`: "text", `^[^\x00-\x09\x0b-\x1f\x7f]*$`: "text",
}

// example makes a value that a schema allows. Lists and objects are there also where they may be left out,
// so that what is in them can be made wrong.
func (s *opened) example(schema *huma.Schema) any {
	schema = s.resolve(schema)
	switch {
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Format == "uuid":
		return uuid.NewString()
	case schema.Format == "date-time":
		return "2026-11-22T12:00:00Z"
	case schema.Pattern != "":
		sample, ok := samples[schema.Pattern]
		if !ok {
			panic("give samples a text that matches " + schema.Pattern)
		}
		return sample
	}
	switch schema.Type {
	case huma.TypeString:
		return strings.Repeat("x", max(1, deref(schema.MinLength, 1)))
	case huma.TypeInteger, huma.TypeNumber:
		return max(1, int(deref(schema.Minimum, 1)))
	case huma.TypeArray:
		return []any{s.example(schema.Items)}
	case huma.TypeObject:
		object := map[string]any{}
		for name, property := range schema.Properties {
			kind := s.resolve(property).Type
			if kind == huma.TypeObject || kind == huma.TypeArray || slices.Contains(schema.Required, name) {
				object[name] = s.example(property)
			}
		}
		return object
	}
	return false
}

// wrongValues are values that a schema forbids.
func (s *opened) wrongValues(schema *huma.Schema) []any {
	schema = s.resolve(schema)
	if len(schema.Enum) > 0 {
		return []any{"\u202ewrong", 7}
	}
	switch schema.Type {
	case huma.TypeString:
		wrong := []any{7, true, []any{"x"}, map[string]any{}, "nul\x00"}
		if schema.MaxLength != nil {
			wrong = append(wrong, strings.Repeat("é", *schema.MaxLength+1))
		}
		if deref(schema.MinLength, 0) > 0 {
			wrong = append(wrong, "")
		}
		if schema.Pattern != "" {
			wrong = append(wrong, "\u007f")
		}
		return wrong
	case huma.TypeInteger, huma.TypeNumber:
		wrong := []any{"x", 1.5, "1e400", []any{1}, json.RawMessage("1e300"), json.RawMessage("99999999999999999999")}
		if schema.Minimum != nil {
			wrong = append(wrong, *schema.Minimum-1, fmt.Sprint(int64(*schema.Minimum-1)))
		}
		if schema.Maximum != nil && *schema.Maximum < 1<<53 {
			wrong = append(wrong, *schema.Maximum+1, fmt.Sprint(int64(*schema.Maximum+1)))
		}
		return wrong
	case huma.TypeBoolean:
		return []any{"x", 7, []any{}}
	case huma.TypeArray:
		return append(s.wrongLengths(schema), "x", 7, map[string]any{})
	}
	return []any{"x", 7, []any{}}
}

func (s *opened) wrongLengths(schema *huma.Schema) (wrong []any) {
	if deref(schema.MinItems, 0) > 0 {
		wrong = append(wrong, []any{})
	}
	if schema.MaxItems != nil {
		wrong = append(wrong, slices.Repeat([]any{s.example(schema.Items)}, *schema.MaxItems+1))
	}
	return wrong
}

// A mutation makes one field of a document wrong.
type mutation struct {
	field string
	what  string
	path  []any // names and indexes
	value any   // missing: the field is left out
}

type missing struct{}

// mutations are all of them, through the whole of a schema.
func (s *opened) mutations(schema *huma.Schema, field string, path ...any) (list []mutation) {
	schema = s.resolve(schema)
	if schema.Type == huma.TypeArray {
		return s.element(schema, field, path)
	}
	if schema.Type != huma.TypeObject {
		return nil
	}
	add := func(name, what string, value any) {
		inner := strings.TrimPrefix(field+"."+name, ".")
		list = append(list, mutation{inner, what, append(slices.Clip(path), name), value})
	}
	add("undreamt_of", "is unknown", true)
	for name, property := range schema.Properties {
		if slices.Contains(schema.Required, name) {
			add(name, "is missing", missing{})
			add(name, "is null", nil)
		}
		for _, value := range s.wrongValues(property) {
			add(name, fmt.Sprintf("is %.40v", value), value)
		}
		inner := strings.TrimPrefix(field+"."+name, ".")
		list = append(list, s.mutations(property, inner, append(slices.Clip(path), name)...)...)
	}
	return list
}

func (s *opened) element(schema *huma.Schema, field string, path []any) (list []mutation) {
	inner := append(slices.Clip(path), 0)
	for _, value := range append(s.wrongValues(schema.Items), nil) {
		list = append(list, mutation{field + "[0]", fmt.Sprintf("is %.40v", value), inner, value})
	}
	return append(list, s.mutations(schema.Items, field+"[0]", inner...)...)
}

// apply returns document with the mutation made.
func (m mutation) apply(document []byte) []byte {
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		panic(err)
	}
	changed, err := json.Marshal(put(root, m.path, m.value))
	if err != nil {
		panic(err)
	}
	return changed
}

// put sets what a path leads to, making what is not there.
func put(at any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch step := path[0].(type) {
	case string:
		object, _ := at.(map[string]any)
		if object == nil {
			object = map[string]any{}
		}
		if _, leave := value.(missing); leave && len(path) == 1 {
			delete(object, step)
			return object
		}
		object[step] = put(object[step], path[1:], value)
		return object
	default:
		list, _ := at.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[0] = put(list[0], path[1:], value)
		return list
	}
}

func deref[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
