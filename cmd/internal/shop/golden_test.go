package shop

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/contract"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

const contractsDir = "../../../docs/contracts"

// A golden event is written by hand as it is announced in one version: with everything that it may have,
// and with nothing that it may be without.
type golden struct {
	Full    json.RawMessage `json:"full"`
	Minimal json.RawMessage `json:"minimal"`
}

func goldenEvent(t *testing.T, event envelope.Named) golden {
	t.Helper()
	name := contract.Of(event, contract.Source{}).String()
	text, err := os.ReadFile(filepath.Join(contractsDir, "golden", name+".json"))
	require.NoError(t, err, "write one: it is replayed as long as this version is read")
	var g golden
	require.NoError(t, strict(text, &g), name)
	require.NotEmpty(t, g.Full, name)
	require.NotEmpty(t, g.Minimal, name)
	return g
}

func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func TestEveryVersionHasAGoldenEvent(t *testing.T) {
	var want []string
	for _, event := range events {
		goldenEvent(t, event)
		want = append(want, contract.Of(event, contract.Source{}).String()+".json")
	}

	entries, err := os.ReadDir(filepath.Join(contractsDir, "golden"))
	require.NoError(t, err)
	for _, entry := range entries {
		require.Contains(t, want, entry.Name(), "a golden event is of a version that is still read")
	}
}

// What is read and written again is the same: the type has every field of its version.
func TestAGoldenEventIsWhatItsTypeSays(t *testing.T) {
	for _, event := range events {
		g := goldenEvent(t, event)
		for _, text := range []json.RawMessage{g.Full, g.Minimal} {
			read := reflect.New(reflect.TypeOf(event))
			require.NoError(t, strict(text, read.Interface()), event.EventName())
			again, err := json.Marshal(read.Elem().Interface())
			require.NoError(t, err)
			require.JSONEq(t, string(text), string(again), event.EventName())
		}
	}
}

func TestAGoldenEventIsWhatItsSchemaSays(t *testing.T) {
	for _, event := range events {
		schema := contract.Of(event, contract.Source{})
		valid, err := validator.NewCompiler().Compile(filepath.Join(contractsDir, "events", schema.String()+".json"))
		require.NoError(t, err)
		g := goldenEvent(t, event)
		full, minimal := parse(t, g.Full), parse(t, g.Minimal)
		require.NoError(t, valid.Validate(full), schema)
		require.NoError(t, valid.Validate(minimal), schema)

		missing, _ := compare(schema.Schema, full)
		require.Empty(t, missing, "the full %s has all there is", schema)
		_, spare := compare(schema.Schema, minimal)
		require.Empty(t, spare, "the minimal %s has only what it must have", schema)
	}
}

func parse(t *testing.T, text []byte) any {
	t.Helper()
	value, err := validator.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return value
}

// compare lists the fields of a schema that a value has not, and those that it has and need not have.
func compare(schema *jsonschema.Schema, value any) (missing, spare []string) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			m, s := compare(schema.Items, item)
			missing, spare = append(missing, m...), append(spare, s...)
		}
	case map[string]any:
		for name, field := range schema.Properties.FromOldest() {
			inner, there := value[name]
			switch {
			case !there:
				missing = append(missing, name)
			case !slices.Contains(schema.Required, name):
				spare = append(spare, name)
			}
			m, s := compare(field, inner)
			missing, spare = append(missing, m...), append(spare, s...)
		}
	}
	return missing, spare
}
