package config

import (
	"fmt"
	"os"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

const (
	prefix       = "PANGAEA_"
	fileVariable = prefix + "CONFIG"
	environment  = "environment"
)

// A layer is a place where values are written, by variable name.
type layer struct {
	origin string
	values map[string]string
}

// Load reads the environment, and the file that PANGAEA_CONFIG names if it names one.
func Load() (*Config, error) { return load(os.Environ) }

// LoadFor reads what a process would that is started in this environment, and in this folder.
func LoadFor(environ []string) (*Config, error) { return load(func() []string { return environ }) }

// Of returns a configuration of these values alone.
func Of(values map[string]string) *Config {
	return &Config{layers: []layer{{environment, values}}}
}

func load(environ func() []string) (*Config, error) {
	variables := koanf.New("\x00") // a delimiter that no name has: variables do not nest
	err := variables.Load(env.Provider("\x00", env.Opt{Prefix: prefix, EnvironFunc: environ}), nil)
	if err != nil {
		return nil, err
	}
	c := &Config{layers: []layer{{environment, texts(variables)}}}
	path := variables.String(fileVariable)
	if path == "" {
		return c, nil
	}
	written, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s is %q (%s): %w", fileVariable, path, environment, err)
	}
	c.layers = append(c.layers, layer{path, written})
	return c, nil
}

// readFile flattens a file's keys into names of variables.
func readFile(path string) (map[string]string, error) {
	nested := koanf.New("_")
	if err := nested.Load(file.Provider(path), yaml.Parser()); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for key, value := range texts(nested) {
		values[prefix+strings.ToUpper(key)] = value
	}
	return values, nil
}

func texts(k *koanf.Koanf) map[string]string {
	values := map[string]string{}
	for key, value := range k.All() {
		if value == nil { // a key of the file with nothing after it
			value = ""
		}
		values[key] = fmt.Sprint(value)
	}
	return values
}
