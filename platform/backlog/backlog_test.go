package backlog_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/backlog"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Struck is announced by the clock of these tests.
type Struck struct {
	Hour string `json:"hour"`
}

func (Struck) EventName() string  { return "clock.Struck" }
func (s Struck) EventKey() string { return s.Hour }

func TestWhatIsNotFinished(t *testing.T) {
	db := databasetest.Open(t, "clock", nil)
	items, err := backlog.Of(t.Context(), db)
	require.NoError(t, err)
	require.Empty(t, items)

	due := time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)
	box, queue := outbox.New(db, outbox.Manifest{"clock.Struck": {"ringer", "sleeper"}}), tasks.New(db)
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
		if err := box.Add(ctx, Struck{"noon"}); err != nil {
			return err
		}
		return queue.Add(ctx, "wind", "monday", map[string]int{"turns": 7}, due)
	}))
	told, err := envelope.Seal(t.Context(), "sundial", Struck{"dusk"}, due)
	require.NoError(t, err)
	told.Metadata[envelope.Number] = "1"
	hear := inbox.New(db, inbox.Options{}).Middleware(func(*message.Message) ([]*message.Message, error) {
		return nil, inbox.Hopeless(errors.New("it is cloudy"))
	})
	_, err = hear(told)
	require.NoError(t, err)

	items, err = backlog.Of(t.Context(), db)
	require.NoError(t, err)
	require.Len(t, items, 4)
	for i, dest := range []string{"ringer", "sleeper"} {
		items[i].Due = time.Time{}
		require.Equal(t, backlog.Item{
			Module: "clock", Peer: dest, Kind: backlog.Delivery, State: backlog.Waiting, Name: "clock.Struck", Key: "noon",
		}, items[i])
	}
	items[2].Due = time.Time{}
	require.Equal(t, backlog.Item{
		Module: "clock", Peer: "sundial", Kind: backlog.Message, State: backlog.Parked, Name: "clock.Struck", Key: "dusk",
		Payload: `{"hour":"dusk"}`, Error: "it is cloudy",
	}, items[2])
	require.Equal(t, backlog.Item{
		Module: "clock", Kind: backlog.Task, State: backlog.Waiting, Name: "wind", Key: "monday", Payload: `{"turns":7}`, Due: due,
	}, items[3])
}

func TestWhatAMessageServerHolds(t *testing.T) {
	clock, ringer := databasetest.Open(t, "clock", nil), databasetest.Open(t, "ringer", nil)
	box := outbox.New(clock, outbox.Manifest{"clock.Struck": {"ringer", "sleeper"}})
	for _, hour := range []string{"noon", "noon", "dusk"} {
		require.NoError(t, clock.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error { return box.Add(ctx, Struck{hour}) }))
	}
	hear := inbox.New(ringer, inbox.Options{}).Middleware(func(*message.Message) ([]*message.Message, error) { return nil, nil })
	arrives := func(hour, number string) {
		m, err := envelope.Seal(t.Context(), "clock", Struck{hour}, time.Now())
		require.NoError(t, err)
		m.Metadata[envelope.Number] = number
		_, err = hear(m)
		require.NoError(t, err)
	}
	held := func() (keys []string) {
		modules := map[string]backlog.Lanes{}
		for _, db := range []*database.DB{clock, ringer} {
			lanes, err := backlog.LanesOf(t.Context(), db)
			require.NoError(t, err)
			modules[db.Name()] = lanes
		}
		for _, item := range backlog.OnTheWay(modules) {
			require.Equal(t, backlog.Item{Module: "clock", Peer: "ringer", Kind: backlog.Delivery, State: backlog.Waiting, Key: item.Key}, item)
			keys = append(keys, item.Key)
		}
		return keys
	}
	require.ElementsMatch(t, []string{"noon", "dusk"}, held(), "the sleeper was not asked")
	arrives("noon", "1")
	arrives("dusk", "1")
	require.Equal(t, []string{"noon"}, held())
	arrives("noon", "2")
	require.Empty(t, held())
}
