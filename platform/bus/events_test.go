package bus_test

import (
	"context"
	"testing"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

type rang struct {
	Bell string `json:"bell"`
}

func (rang) EventName() string  { return "tower.Rang" }
func (e rang) EventKey() string { return e.Bell }

type struck struct{ rang }

func (struck) EventName() string { return "tower.Struck" }

func ignore[E any](context.Context, *E) error { return nil }

func ears(t *testing.T, manifest outbox.Manifest) *bus.Events {
	carrier := bus.NewDirect()
	t.Cleanup(func() { require.NoError(t, carrier.Close()) })
	return bus.NewEvents("town", carrier, inbox.New(databasetest.Open(t, "town", nil), inbox.Options{}), manifest)
}

func TestAModuleHearsWhatItsManifestSays(t *testing.T) {
	events := ears(t, outbox.Manifest{"tower.Rang": {"town", "village"}, "tower.Struck": {"town"}})
	require.NoError(t, events.Listen(bus.On(ignore[struck]), bus.On(ignore[rang])))
	require.Equal(t, []string{"tower.Rang", "tower.Struck"}, events.Names())
	require.NoError(t, events.Start(t.Context()))
	require.NoError(t, events.Stop(t.Context()))
}

func TestAManifestThatIsOutOfDateStopsTheStart(t *testing.T) {
	t.Run("not in it", func(t *testing.T) {
		events := ears(t, outbox.Manifest{"tower.Rang": {"village"}})
		require.NoError(t, events.Listen(bus.On(ignore[rang])))
		require.EqualError(t, events.Start(t.Context()), "subscriptions of town differ from their manifest: "+
			"tower.Rang is listened to and not in the manifest; run `go generate ./...` and build again")
	})

	t.Run("not listened to", func(t *testing.T) {
		events := ears(t, outbox.Manifest{"tower.Rang": {"town"}})
		require.ErrorContains(t, events.Start(t.Context()), "tower.Rang is in the manifest and not listened to")
	})
}

func TestHandlersThatCannotBe(t *testing.T) {
	require.ErrorContains(t, ears(t, nil).Listen(bus.On(ignore[rang]), bus.On(ignore[rang])), "two handlers of tower.Rang")
	require.ErrorContains(t, ears(t, nil).Listen(cqrs.NewGroupEventHandler(ignore[rang])), "a handler is made with bus.On")
	events := ears(t, nil)
	require.NoError(t, events.Listen(bus.On(ignore[rang])))
	require.ErrorContains(t, events.Listen(bus.On(ignore[struck])), "listens twice")
}

func TestAModuleThatHearsNothingStarts(t *testing.T) {
	events := ears(t, outbox.Manifest{"tower.Rang": {"village"}})
	require.NoError(t, events.Start(t.Context()))
	require.NoError(t, events.Stop(t.Context()))
}
