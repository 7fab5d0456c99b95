// Package config finds settings: environment variables over the file over defaults.
//
// The file is named by PANGAEA_CONFIG and is YAML. Its keys are the variables' names without the
// prefix, in lower case; a nested key is joined by underscores, so these two say the same:
//
//	checkout_deadline: 30s
//
//	checkout:
//	  deadline: 30s
package config

import (
	"cmp"
	"reflect"
	"slices"
	"sync"
)

// A Config knows every setting in force and where its value came from.
type Config struct {
	layers []layer // the strongest first
	shared bool    // other processes' settings may stand beside ours

	mu       sync.Mutex
	declared map[string]Setting
}

// Section reads the settings that T's fields declare:
//
//	type Settings struct {
//		Deadline time.Duration `env:"PANGAEA_CHECKOUT_DEADLINE" default:"30s" doc:"an order not confirmed by then is cancelled"`
//		Carrier  string        `env:"PANGAEA_CARRIER" default:"auto" oneof:"auto manual" doc:"…"`
//		Password string        `env:"PANGAEA_STAFF_PASSWORD" secret:"true" doc:"…"`
//	}
//
// Field types: string, bool ("on", "off"), int, time.Duration, and whatever implements
// encoding.TextUnmarshaler. A wrong value is an error that names the variable, the value, where it came
// from and what is allowed; an empty one stands for the default. Sections are provided to a module by
// fx.Provide(fx.Private, config.Section[Settings]).
func Section[T any](c *Config) (T, error) { return SectionOf[T](c, "") }

// SectionOf reads settings that exist once for each module: in their names, and in what is said about
// them, <MODULE> stands for the module's name.
func SectionOf[T any](c *Config, module string) (T, error) {
	var section T
	value := reflect.ValueOf(&section).Elem()
	for i := range value.NumField() {
		setting := c.declare(declaration(value.Type().Field(i), module))
		if err := setting.Err(); err != nil {
			return section, err
		}
		_ = setting.into(value.Field(i)) // just tried
	}
	return section, nil
}

// Under adds values that the environment goes before, and that go before the file: what follows from where this
// process stands among others. Their settings may stand beside its own from now on, and are no mistake.
func (c *Config) Under(origin string, values map[string]string) {
	c.shared = true
	c.layers = slices.Insert(c.layers, 1, layer{origin, values})
}

// Declare makes settings that somebody asked another configuration for known to this one.
func (c *Config) Declare(settings []Setting) {
	for _, s := range settings {
		c.declare(s)
	}
}

// declare finds a setting's value and remembers that somebody asks for it.
func (c *Config) declare(s Setting) Setting {
	s = c.resolve(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.declared == nil {
		c.declared = map[string]Setting{}
	}
	c.declared[s.Name] = s
	return s
}

// resolve gives a declared setting its value.
func (c *Config) resolve(s Setting) Setting {
	s.value, s.Origin = s.byDefault, Default
	for _, l := range c.layers {
		if value, ok := l.values[s.Name]; ok {
			s.value, s.Origin = cmp.Or(value, s.byDefault), l.origin
			break
		}
	}
	return s
}
