package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// changes lists how a schema differs from what it was in ways that others notice. at is where in the
// payload it is, such as "lines[].sku"; the payload itself is "".
func changes(at string, old, now *jsonschema.Schema) (found []string) {
	say := func(format string, args ...any) {
		found = append(found, strings.TrimPrefix(at+" ", " ")+fmt.Sprintf(format, args...))
	}
	switch {
	case old.Type != now.Type:
		say("was of type %s and is of type %s", orAny(old.Type), orAny(now.Type))
		return found
	case limits(old) != limits(now):
		say("was limited by %s and is limited by %s", limits(old), limits(now))
	}
	if refused := refused(old.Enum, now.Enum); refused != "" {
		say("does not take %s any more", refused)
	}
	found = append(found, fieldChanges(at, old, now)...)
	if old.Items != nil && now.Items != nil {
		found = append(found, changes(at+"[]", old.Items, now.Items)...)
	}
	if old.AdditionalProperties != nil && now.AdditionalProperties != nil {
		found = append(found, changes(at+"{}", old.AdditionalProperties, now.AdditionalProperties)...)
	}
	return found
}

// fieldChanges does so for the fields of an object.
func fieldChanges(at string, old, now *jsonschema.Schema) (found []string) {
	were, are := maps.Collect(old.Properties.FromOldest()), maps.Collect(now.Properties.FromOldest())
	for _, name := range slices.Sorted(maps.Keys(were)) {
		field := strings.TrimPrefix(at+"."+name, ".")
		is, there := are[name]
		wasRequired, isRequired := slices.Contains(old.Required, name), slices.Contains(now.Required, name)
		switch {
		case !there:
			found = append(found, field+" is gone or renamed")
			continue
		case isRequired && !wasRequired:
			found = append(found, field+" was optional and is required: events without it are on their way")
		case wasRequired && !isRequired:
			found = append(found, field+" was required and is optional: whoever relies on it may miss it")
		}
		found = append(found, changes(field, were[name], is)...)
	}
	for _, name := range now.Required {
		if _, there := were[name]; !there {
			found = append(found, strings.TrimPrefix(at+"."+name, ".")+" is new and required: events without it are on their way")
		}
	}
	return found
}

// refused are the values that were allowed and are not any more.
func refused(old, now []any) string {
	switch {
	case now == nil:
		return ""
	case old == nil:
		return fmt.Sprintf("anything but %v", now)
	}
	gone := slices.DeleteFunc(slices.Clone(old), func(value any) bool { return slices.Contains(now, value) })
	if len(gone) == 0 {
		return ""
	}
	return fmt.Sprint(gone)
}

// limits is whatever else a schema says that does not merely describe.
func limits(s *jsonschema.Schema) string {
	rest := *s
	rest.Version, rest.ID, rest.Comments, rest.Title, rest.Description, rest.Examples, rest.Deprecated = "", "", "", "", "", nil, false
	rest.Type, rest.Enum, rest.Properties, rest.Required = "", nil, nil, nil
	if rest.Items != nil {
		rest.Items = jsonschema.TrueSchema
	}
	if rest.AdditionalProperties != nil {
		rest.AdditionalProperties = jsonschema.TrueSchema
	}
	text, err := json.Marshal(&rest)
	switch {
	case err != nil:
		return err.Error()
	case string(text) == "true": // an empty schema
		return "nothing"
	}
	return string(text)
}

func orAny(kind string) string {
	if kind == "" {
		return "any"
	}
	return kind
}
