package shop

import (
	"os"
	"path"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/contract"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

func TestEveryEventOfEveryContractIsListed(t *testing.T) {
	_, err := describe(events)
	require.NoError(t, err)

	_, err = describe(events[1:])
	require.EqualError(t, err, "events that are missing in cmd/internal/shop/events.go: github.com/pangaea-shop/pangaea/modules/identity.AccountRegistered")
}

func TestAnEventIsNamedAfterItsModule(t *testing.T) {
	for _, event := range events {
		require.Equal(t, path.Base(reflect.TypeOf(event).PkgPath()), contract.Of(event, contract.Source{}).Module(), event.EventName())
	}
}

func TestOnlyTheNewestVersionCanBeAnnounced(t *testing.T) {
	newest := map[string]int{}
	for _, event := range events {
		newest[event.EventName()] = max(newest[event.EventName()], envelope.Version(event))
	}
	for _, event := range events {
		_, announced := event.(envelope.Event)
		require.Equal(t, newest[event.EventName()] == envelope.Version(event), announced,
			"%T: the newest version has an EventKey, and those before it have none", event)
	}
}

// What the last release promised is kept.
func TestNoEventIsBroken(t *testing.T) {
	released, err := contract.Read(os.DirFS(filepath.Join(contractsDir, "released")))
	require.NoError(t, err)
	require.NotEmpty(t, released)
	current, err := contract.Read(os.DirFS(filepath.Join(contractsDir, "events")))
	require.NoError(t, err)

	require.Empty(t, contract.Breaks(released, current), "docs/contracts/README.md says how an event is changed")
}
