// Package secret keeps passwords and tokens out of logs, errors and dumps.
package secret

import (
	"fmt"
	"log/slog"
)

const mask = "***"

// A String is shown as *** by every way of printing, logging or encoding it. Decoding it from JSON works
// as for any string.
type String string

// Reveal returns what the string really is.
func (s String) Reveal() string { return string(s) }

// String returns the mask.
func (s String) String() string { return mask }

// Format writes the mask, whatever the verb.
func (s String) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(mask)) }

// LogValue returns the mask.
func (s String) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalJSON returns the mask.
func (s String) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }
