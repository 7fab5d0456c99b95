package envelope_test

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

// Whatever stands on a message that somebody else sent, it is read or refused.
func FuzzRead(f *testing.F) {
	f.Add("id", "house.Opened", "house", "front", "1", "urn:pangaea:event:house.Opened:1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "c")
	f.Add("", "", "", "", "", "", "", "")
	f.Add("\x00", "a", "b", "\xff", "-9223372036854775808", ":", "00-", "\n")
	f.Add("i", "n", "s", "k", "+1", "urn:", "zz", "é")
	f.Fuzz(func(t *testing.T, id, name, source, key, number, schema, trace, correlation string) {
		m := message.NewMessage("uuid", nil)
		m.Metadata = message.Metadata{
			envelope.ID: id, envelope.Type: name, envelope.Source: source, envelope.Subject: key, envelope.Number: number,
			envelope.DataSchema: schema, "traceparent": trace, telemetry.CorrelationID: correlation, envelope.Time: time.Time{}.String(),
		}
		label, err := envelope.Read(m)
		if err == nil {
			require.Equal(t, envelope.Label{ID: id, Name: name, Source: source, Key: key, Number: label.Number}, label)
			require.Positive(t, label.Number)
			require.NotContains(t, []string{id, name, source, key}, "")
		}
		_ = envelope.VersionOf(m) // any number: who knows no such version parks the message
		require.NotNil(t, envelope.Context(t.Context(), m))
	})
}
