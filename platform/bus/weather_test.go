package bus_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Weather stations told degrees Fahrenheit first, then degrees Celsius, and now tenths of them.
type (
	measuredV1 struct {
		Station    string `json:"station"`
		Fahrenheit int    `json:"fahrenheit"`
	}
	measuredV2 struct {
		Station string `json:"station"`
		Celsius int    `json:"celsius"`
	}
	measured struct {
		Station string `json:"station"`
		Tenths  int    `json:"tenths"`
	}
)

func (measuredV1) EventName() string { return "sky.Measured" }
func (measuredV2) EventName() string { return "sky.Measured" }
func (measured) EventName() string   { return "sky.Measured" }
func (measuredV1) EventVersion() int { return 1 }
func (measuredV2) EventVersion() int { return 2 }
func (measured) EventVersion() int   { return 3 }
func (e measured) EventKey() string  { return e.Station }

func (e measuredV1) upcast() (measuredV2, error) {
	if e.Fahrenheit < -459 {
		return measuredV2{}, errors.New("colder than cold")
	}
	return measuredV2{e.Station, (e.Fahrenheit - 32) * 5 / 9}, nil
}

func (e measuredV2) upcast() (measured, error) { return measured{e.Station, e.Celsius * 10}, nil }

// What other releases announce: each of the first two as its newest, and the next with a field that is
// not known yet.
type (
	firstRelease  struct{ measuredV1 }
	secondRelease struct{ measuredV2 }
	nextRelease   struct {
		measured
		Wind string `json:"wind"`
	}
)

func (e firstRelease) EventKey() string  { return e.Station }
func (e secondRelease) EventKey() string { return e.Station }

// weather is a module that announces what stations measure, and one that hears it.
type weather struct {
	t       *testing.T
	carrier *bus.Direct
	sky     *database.DB
	outbox  *outbox.Outbox
	office  *database.DB
	inbox   *inbox.Inbox
	events  *bus.Events

	mu    sync.Mutex
	heard map[string][]int // tenths by station
}

var readers = outbox.Manifest{measured{}.EventName(): {"office"}}

func newWeather(t *testing.T, listen func(*weather) cqrs.GroupEventHandler) *weather {
	w := &weather{t: t, carrier: bus.NewDirect(), heard: map[string][]int{}}
	w.sky, w.office = databasetest.Open(t, "sky", nil), databasetest.Open(t, "office", nil)
	w.outbox = outbox.New(w.sky, readers)
	relay := outbox.NewRelay(w.outbox, w.carrier, outbox.RelayOptions{Poll: 20 * time.Millisecond})
	w.listen(listen)
	require.NoError(t, relay.Start(t.Context()))
	t.Cleanup(func() {
		require.NoError(t, relay.Stop(context.Background()))
		require.NoError(t, w.events.Stop(context.Background()))
		require.NoError(t, w.carrier.Close())
	})
	return w
}

// listen has the office listen, after an upgrade if it did before.
func (w *weather) listen(listen func(*weather) cqrs.GroupEventHandler) {
	w.t.Helper()
	if w.events != nil {
		require.NoError(w.t, w.events.Stop(context.Background()))
	}
	w.inbox = inbox.New(w.office, inbox.Options{Poll: 5 * time.Millisecond})
	w.events = bus.NewEvents("office", w.carrier, w.inbox, readers)
	require.NoError(w.t, w.events.Listen(listen(w)))
	require.NoError(w.t, w.events.Start(w.t.Context()))
}

// now is what the office runs today.
func (w *weather) now() cqrs.GroupEventHandler {
	return bus.On(func(ctx context.Context, e *measured) error { return w.note(ctx, e.Station, e.Tenths) },
		bus.Upcast(measuredV1.upcast), bus.Upcast(measuredV2.upcast))
}

// before is what it ran in the second release.
func (w *weather) before() cqrs.GroupEventHandler {
	return bus.On(func(ctx context.Context, e *secondRelease) error { return w.note(ctx, e.Station, e.Celsius*10) },
		bus.Upcast(func(e measuredV1) (secondRelease, error) {
			e2, err := e.upcast()
			return secondRelease{e2}, err
		}))
}

func (w *weather) note(ctx context.Context, station string, tenths int) error {
	database.AfterCommit(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.heard[station] = append(w.heard[station], tenths)
	})
	return nil
}

func (w *weather) announce(events ...outbox.Event) error {
	return w.sky.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error { return w.outbox.Add(ctx, events...) })
}

// hears waits until the office has heard all of that, in that order by station, and no more.
func (w *weather) hears(want map[string][]int) {
	w.t.Helper()
	heard := func() map[string][]int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return maps.Clone(w.heard)
	}
	require.EventuallyWithT(w.t, func(now *assert.CollectT) { assert.Equal(now, want, heard()) }, 30*time.Second, 5*time.Millisecond)
}

// parks waits until so many events are parked.
func (w *weather) parks(n int) (parked []inbox.Letter) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var err error
		parked, err = w.inbox.Letters(w.t.Context(), inbox.LetterFilter{State: inbox.Parked})
		return err == nil && len(parked) == n
	}, 30*time.Second, 5*time.Millisecond)
	return parked
}
