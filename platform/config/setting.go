package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Setting is one value, under the name of its environment variable.
type Setting struct {
	Name   string
	Origin string // Default, "environment", or the file
	Doc    string

	value     string // as written, or the default
	secret    bool   // the value is not for showing
	byDefault string
	oneOf     []string
	kind      reflect.Type
}

// Default is the origin of a setting that nobody set.
const Default = "default"

// declaration reads a field's tags. A field without a name or an explanation is a mistake of ours.
func declaration(field reflect.StructField, module string) Setting {
	named := strings.NewReplacer("<MODULE>", strings.ToUpper(module))
	s := Setting{
		Name: named.Replace(field.Tag.Get("env")), Doc: named.Replace(field.Tag.Get("doc")), secret: field.Tag.Get("secret") == "true",
		byDefault: field.Tag.Get("default"), oneOf: strings.Fields(field.Tag.Get("oneof")), kind: field.Type,
	}
	if !strings.HasPrefix(s.Name, prefix) || s.Doc == "" {
		panic(fmt.Sprintf("setting %s needs a tag env:%q and a tag doc", field.Name, prefix+"…"))
	}
	return s
}

// Err says what is wrong with the value, or nothing.
func (s Setting) Err() error {
	if err := s.into(reflect.New(s.kind).Elem()); err != nil {
		return fmt.Errorf("%s is %q (%s): %w", s.Name, s.Shown(), s.Origin, err)
	}
	return nil
}

// Shown is the value as it is written, or *** for a secret.
func (s Setting) Shown() string {
	if s.secret && s.value != "" {
		return "***"
	}
	return s.value
}

// into writes the value into a field. Without a value and a default it stays zero.
func (s Setting) into(field reflect.Value) error {
	if len(s.oneOf) > 0 && !slices.Contains(s.oneOf, s.value) {
		return fmt.Errorf("must be one of %s", strings.Join(s.oneOf, ", "))
	}
	if s.value == "" {
		return nil
	}
	if text, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return text.UnmarshalText([]byte(s.value))
	}
	if field.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(s.value)
		if err != nil || d < 0 {
			return errors.New("must be a duration such as 500ms, 30s or 2h")
		}
		field.SetInt(int64(d))
		return nil
	}
	return s.intoPlain(field)
}

func (s Setting) intoPlain(field reflect.Value) error {
	switch field.Kind() {
	case reflect.String:
		field.SetString(s.value)
	case reflect.Bool:
		on, ok := map[string]bool{"on": true, "true": true, "off": false, "false": false}[s.value]
		if !ok {
			return errors.New("must be on or off")
		}
		field.SetBool(on)
	case reflect.Int:
		n, err := strconv.Atoi(s.value)
		if err != nil || n < 0 {
			return errors.New("must be a whole number, not negative")
		}
		field.SetInt(int64(n))
	default:
		panic(fmt.Sprintf("setting %s has type %s, which no text stands for", s.Name, field.Type()))
	}
	return nil
}
