package envelope_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

func TestASchemaNamesAnEventAndItsVersion(t *testing.T) {
	for urn, of := range map[string]envelope.Event{"urn:event:house.Opened:1": opened{}, "urn:event:house.Opened:2": closed{}} {
		require.Equal(t, urn, envelope.Schema(of))
		name, version := envelope.ParseSchema(urn)
		require.Equal(t, of.EventName(), name)
		require.Equal(t, envelope.Version(of), version)
	}
}

func TestAForeignSchemaHasNoVersion(t *testing.T) {
	for _, urn := range []string{"", "1", "house.Opened", "urn:event:house.Opened", "urn:event:house.Opened:", "urn:event:house.Opened:two"} {
		_, version := envelope.ParseSchema(urn)
		require.Zero(t, version, urn)
	}
}
