package shop

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// Every golden event reaches the handlers of everybody who hears it, in the shop as it is wired: as it
// was announced, and with fields that only a later release knows. A handler may find that there is no such
// order; that it cannot read the event is what must not be.
func TestWhoeverHearsAnEventReadsEveryVersionOfIt(t *testing.T) {
	shop, tell := listening(t)

	told := map[string]int{}
	for event, hearer := range heard(t) {
		g := goldenEvent(t, event)
		for _, payload := range [][]byte{g.Full, g.Minimal, later(t, g.Full)} {
			require.NoError(t, tell.Publish(hearer, sealed(event, payload)), "%s tells %s", event.EventName(), hearer)
			told[hearer]++
		}
	}

	for _, member := range shop.Roll.Members() {
		letters := kept(t, member)
		for _, letter := range letters {
			require.NotEqual(t, inbox.Parked, letter.State, "%s cannot read %s: %s", member.Name, letter.Name, letter.Error)
		}
		require.True(t, told[member.Name] == 0 || told[member.Name] > len(letters), "%s handled nothing", member.Name)
	}
}

func TestAnEventOfALaterReleaseIsKept(t *testing.T) {
	shop, tell := listening(t)

	told := map[string]int{}
	for event, hearer := range heard(t) {
		m := sealed(event, goldenEvent(t, event).Full)
		m.Metadata[envelope.DataSchema] = "urn:event:" + event.EventName() + ":1000"
		require.NoError(t, tell.Publish(hearer, m))
		told[hearer]++
	}

	for _, member := range shop.Roll.Members() {
		letters := kept(t, member)
		require.Len(t, letters, told[member.Name], member.Name)
		for _, letter := range letters {
			require.Equal(t, inbox.Parked, letter.State, letter.Name)
			require.Contains(t, letter.Error, "it comes as version 1000, understood here: ")
		}
	}
}

// heard are all versions of all events, with each module that hears them.
func heard(t *testing.T) iter.Seq2[envelope.Named, string] {
	t.Helper()
	manifest, err := contracts.Subscriptions()
	require.NoError(t, err)
	return func(yield func(envelope.Named, string) bool) {
		for _, event := range events {
			for _, hearer := range manifest[event.EventName()] {
				if !yield(event, hearer) {
					return
				}
			}
		}
	}
}

// kept is what a module has not handled.
func kept(t *testing.T, m module.Member) []inbox.Letter {
	t.Helper()
	letters, err := inbox.New(m.DB, inbox.Options{}).Letters(t.Context(), inbox.LetterFilter{Limit: 1000})
	require.NoError(t, err)
	return letters
}

// listening is the shop with everybody listening and nobody talking but the test.
func listening(t *testing.T) (*Wired, message.Publisher) {
	t.Helper()
	manifest, err := contracts.Subscriptions()
	require.NoError(t, err)
	var carrier message.Publisher
	shop, err := wire(fx.Options(
		fx.Replace(config.Of(map[string]string{"PANGAEA_DATA_DIR": t.TempDir(), "PANGAEA_LOG_LEVEL": "error"})),
		fx.Replace(manifest),
		fx.Populate(&carrier),
	))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, shop.Close()) })
	for _, member := range shop.Roll.Members() {
		require.NoError(t, member.Events.Start(t.Context()))
		t.Cleanup(func() { require.NoError(t, member.Events.Stop(context.Background())) })
	}
	return shop, carrier
}

// sealed is the message of an event that was announced by somebody else, at another time.
func sealed(event envelope.Named, payload []byte) *message.Message {
	m := message.NewMessage(uuid.NewString(), payload)
	source, _, _ := strings.Cut(event.EventName(), ".")
	m.Metadata = message.Metadata{
		envelope.SpecVersion: "1.0",
		envelope.ID:          m.UUID,
		envelope.Source:      source,
		envelope.Type:        event.EventName(),
		envelope.Subject:     m.UUID, // a lane of its own
		envelope.Time:        "2026-11-22T12:00:00Z",
		envelope.DataSchema:  envelope.Schema(event),
		envelope.ContentType: "application/json",
		envelope.Number:      "1",
	}
	return m
}

// later is a payload as a later release might have it: with a new field in every object.
func later(t *testing.T, payload []byte) []byte {
	t.Helper()
	value := parse(t, payload)
	var extend func(any)
	extend = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				extend(item)
			}
		case map[string]any:
			for _, inner := range value {
				extend(inner)
			}
			value["added_later"] = []any{"what", map[string]any{"nobody": "knows"}}
		}
	}
	extend(value)
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}
