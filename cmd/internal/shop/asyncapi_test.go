package shop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// The schema is the published one without what is not used here.
func TestTheEventsAreDescribedInAsyncAPI(t *testing.T) {
	schema, err := validator.NewCompiler().Compile("testdata/asyncapi/3.0.0.json")
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(contractsDir, "asyncapi.json"))
	require.NoError(t, err)
	document := parse(t, text)

	require.NoError(t, schema.Validate(document))
	require.Empty(t, dangling(document, document))

	placed := document.(map[string]any)["operations"].(map[string]any)["ordering.OrderPlaced.announced"].(map[string]any)
	placed["action"] = "shout"
	require.ErrorContains(t, schema.Validate(document), "/operations/ordering.OrderPlaced.announced")
	placed["channel"] = map[string]any{"$ref": "#/channels/ordering.OrderDreamt"}
	require.Equal(t, []string{"#/channels/ordering.OrderDreamt"}, dangling(document, document))
}

// dangling are the references within a part of a document that lead nowhere, of which a schema knows nothing.
func dangling(document, part any) (found []string) {
	switch part := part.(type) {
	case []any:
		for _, item := range part {
			found = append(found, dangling(document, item)...)
		}
	case map[string]any:
		for name, inner := range part {
			if to, ok := inner.(string); ok && name == "$ref" && !leads(document, to) {
				found = append(found, to)
			}
			found = append(found, dangling(document, inner)...)
		}
	}
	return found
}

func leads(document any, to string) bool {
	for _, name := range strings.Split(strings.TrimPrefix(to, "#/"), "/") {
		inner, ok := document.(map[string]any)[name]
		if !ok {
			return false
		}
		document = inner
	}
	return true
}
