package outbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Manifest says which modules hear which event: destinations by event name. It is generated from what
// the modules listen to, so that a module knows its destinations without linking them.
type Manifest map[string][]string

// ParseManifest reads a manifest from the JSON that it is written as.
func ParseManifest(data []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("manifest of subscriptions: %w", err)
	}
	return m, nil
}

// Hear notes that a module hears events of these names.
func (m Manifest) Hear(module string, names ...string) {
	for _, name := range names {
		if !slices.Contains(m[name], module) {
			m[name] = append(m[name], module)
			slices.Sort(m[name])
		}
	}
}

// HeardBy lists the names of the events that a module hears, sorted.
func (m Manifest) HeardBy(module string) []string {
	var names []string
	for name, modules := range m {
		if slices.Contains(modules, module) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Sources lists the modules whose events a module hears, sorted.
func (m Manifest) Sources(module string) []string {
	var sources []string
	for _, name := range m.HeardBy(module) {
		sources = append(sources, Source(name))
	}
	return slices.Compact(sources) // they are sorted as the names are
}

// Speaks reports whether somebody hears a module.
func (m Manifest) Speaks(module string) bool {
	for name := range m {
		if Source(name) == module {
			return true
		}
	}
	return false
}

// Modules lists all who say or hear something, sorted.
func (m Manifest) Modules() []string {
	var modules []string
	for name, hear := range m {
		modules = append(append(modules, Source(name)), hear...)
	}
	slices.Sort(modules)
	return slices.Compact(modules)
}

// Source is the module that announces events of a name.
func Source(name string) string {
	source, _, _ := strings.Cut(name, ".")
	return source
}
