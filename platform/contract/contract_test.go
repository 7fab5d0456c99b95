package contract_test

import (
	"encoding/json"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/contract"
	"github.com/pangaea-shop/pangaea/platform/contract/testdata/house"
)

const housePath = "github.com/pangaea-shop/pangaea/platform/contract/testdata/house"

func source(t *testing.T) contract.Source {
	t.Helper()
	read, err := contract.ReadSource("testdata/house", housePath)
	require.NoError(t, err)
	return read
}

func TestTheSourceTellsWhichTypesAreEvents(t *testing.T) {
	require.Equal(t, []string{housePath + ".Opened", housePath + ".OpenedV1", housePath + ".Slammed"}, source(t).Events)

	_, err := contract.ReadSource("testdata/nowhere", "example.com/nowhere")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestASchemaSaysWhatATypeSays(t *testing.T) {
	schema := contract.Of(house.Opened{}, source(t))

	require.Equal(t, "house.Opened.v2", schema.String())
	require.Equal(t, "house", schema.Module())
	text, err := json.Marshal(schema.Schema)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id": "urn:event:house.Opened:2",
		"title": "house.Opened",
		"description": "Opened announces an open door.",
		"type": "object",
		"required": ["door", "keys", "last"],
		"properties": {
			"door": {"type": "string", "description": "which one"},
			"note": {"type": "string"},
			"keys": {"type": "array", "items": {
				"description": "A Key was used.", "type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]
			}},
			"last": {"description": "A Key was used.", "type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
		}
	}`, string(text))
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := contract.Of(house.Opened{}, source(t))
	text, err := json.Marshal(want.Schema)
	require.NoError(t, err)

	read, err := contract.Read(fstest.MapFS{"house.Opened.v2.json": {Data: text}})
	require.NoError(t, err)
	require.Len(t, read, 1)
	require.Equal(t, want.String(), read[0].String())
	require.Empty(t, contract.Breaks([]contract.Schema{want}, read))
	require.Empty(t, contract.Breaks(read, []contract.Schema{want}))

	_, err = contract.Read(fstest.MapFS{"house.Opened.v1.json": {Data: text}})
	require.EqualError(t, err, `schema house.Opened.v1.json: its $id "urn:event:house.Opened:2" is of another event or version`)
	_, err = contract.Read(fstest.MapFS{"house.Opened.v1.json": {Data: []byte("{")}})
	require.ErrorContains(t, err, "schema house.Opened.v1.json: ")
}
