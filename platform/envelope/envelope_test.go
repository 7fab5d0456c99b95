package envelope_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

type opened struct {
	Door string `json:"door"`
}

func (opened) EventName() string  { return "house.Opened" }
func (e opened) EventKey() string { return e.Door }

type closed struct{ opened }

func (closed) EventVersion() int { return 2 }

func TestASealedEventSaysWhatItIs(t *testing.T) {
	ctx := telemetry.WithCorrelation(telemetry.Begin(t.Context()), "request-1")
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

	m, err := envelope.Seal(ctx, "house", opened{Door: "front"}, at)
	require.NoError(t, err)
	require.JSONEq(t, `{"door":"front"}`, string(m.Payload))
	require.Equal(t, "1.0", m.Metadata[envelope.SpecVersion])
	require.Equal(t, "2026-11-22T12:00:00Z", m.Metadata[envelope.Time])
	require.Equal(t, "urn:event:house.Opened:1", m.Metadata[envelope.DataSchema])
	require.Contains(t, m.Metadata["traceparent"], telemetry.TraceID(ctx))
	require.Equal(t, 1, envelope.VersionOf(m))

	m.Metadata[envelope.Number] = "7"
	label, err := envelope.Read(m)
	require.NoError(t, err)
	require.Equal(t, envelope.Label{ID: m.UUID, Name: "house.Opened", Source: "house", Key: "front", Number: 7}, label)
}

func TestTheFirstEventOfAStoryCorrelatesTheRest(t *testing.T) {
	first, err := envelope.Seal(t.Context(), "house", opened{Door: "front"}, time.Now())
	require.NoError(t, err)

	second, err := envelope.Seal(envelope.Context(t.Context(), first), "house", closed{opened{Door: "front"}}, time.Now())
	require.NoError(t, err)
	require.Equal(t, first.UUID, second.Metadata[telemetry.CorrelationID])
	require.Equal(t, first.UUID, second.Metadata[telemetry.CausationID])
	require.Equal(t, 2, envelope.VersionOf(second))
}

func TestAMessageWithoutItsLabelIsRefused(t *testing.T) {
	for _, key := range []string{envelope.ID, envelope.Type, envelope.Source, envelope.Subject, envelope.Number} {
		m, err := envelope.Seal(t.Context(), "house", opened{Door: "front"}, time.Now())
		require.NoError(t, err)
		m.Metadata[envelope.Number] = "1"
		delete(m.Metadata, key)
		_, err = envelope.Read(m)
		require.ErrorContains(t, err, key)
	}
}
