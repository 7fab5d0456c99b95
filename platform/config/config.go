// Package config finds settings: environment variables over the file over defaults.
package config

// A Config knows every setting in force and where its value came from.
type Config struct{}

// Section reads the settings that T's fields declare:
//
//	type Settings struct {
//		Deadline time.Duration `env:"PANGAEA_CHECKOUT_DEADLINE" default:"30s" doc:"an order not confirmed by then is cancelled"`
//		Carrier  string        `env:"PANGAEA_CARRIER" default:"auto" oneof:"auto manual" doc:"…"`
//		Password string        `env:"PANGAEA_STAFF_PASSWORD" secret:"true" doc:"…"`
//	}
//
// Field types: string, bool ("on", "off"), int, time.Duration. A wrong value is an error that names the
// variable, the value, where it came from and what is allowed. Sections are provided to a module by
// fx.Provide(fx.Private, config.Section[Settings]).
func Section[T any](c *Config) (T, error) { panic("unwritten") }
