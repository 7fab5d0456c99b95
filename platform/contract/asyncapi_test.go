package contract_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/contract"
	"github.com/pangaea-shop/pangaea/platform/contract/testdata/house"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// described is what is looked at of a document.
type described struct {
	Channels map[string]struct {
		Address    string
		Parameters map[string]struct{ Enum []string }
		Messages   map[string]any
	}
	Operations map[string]struct {
		Action   string
		Messages []map[string]string
	}
	Components struct {
		Messages map[string]struct {
			Deprecated bool
			Payload    map[string]any
			Headers    struct {
				Properties map[string]struct{ Const string }
			}
		}
	}
}

func TestADocumentShowsWhoAnnouncesAndWhoHears(t *testing.T) {
	document := contract.AsyncAPI(contract.Info{Title: "House", Version: "1"},
		[]contract.Schema{contract.Of(house.OpenedV1{}, source(t)), contract.Of(house.Opened{}, source(t))},
		outbox.Manifest{"house.Opened": {"garden", "street"}})

	text, err := json.Marshal(document)
	require.NoError(t, err)
	var d described
	require.NoError(t, json.Unmarshal(text, &d))
	channel := d.Channels["house.Opened"]
	require.Equal(t, "{subscriber}", channel.Address)
	require.Equal(t, []string{"garden", "street"}, channel.Parameters["subscriber"].Enum)
	require.Len(t, channel.Messages, 2)

	past := map[string]string{"$ref": "#/channels/house.Opened/messages/house.Opened.v1"}
	newest := map[string]string{"$ref": "#/channels/house.Opened/messages/house.Opened.v2"}
	require.Equal(t, []map[string]string{newest}, d.Operations["house.Opened.announced"].Messages)
	require.Equal(t, []map[string]string{past, newest}, d.Operations["house.Opened.heard-by-garden"].Messages)
	require.Equal(t, "receive", d.Operations["house.Opened.heard-by-street"].Action)

	messages := d.Components.Messages
	require.True(t, messages["house.Opened.v1"].Deprecated)
	require.False(t, messages["house.Opened.v2"].Deprecated)
	require.Equal(t, "urn:event:house.Opened:2", messages["house.Opened.v2"].Headers.Properties[envelope.DataSchema].Const)
	require.NotContains(t, messages["house.Opened.v2"].Payload, "$id")
}

func TestAnEventThatNobodyHearsHasNoAddress(t *testing.T) {
	document := contract.AsyncAPI(contract.Info{}, []contract.Schema{contract.Of(house.Opened{}, source(t))}, outbox.Manifest{})

	require.Nil(t, document.Channels["house.Opened"].Address)
	require.Len(t, document.Operations, 1)
}
