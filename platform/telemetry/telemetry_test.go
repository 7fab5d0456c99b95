package telemetry_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"

	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

func TestWhatWorkBelongsToTravels(t *testing.T) {
	ctx := telemetry.Begin(t.Context())
	ctx = telemetry.WithCausation(telemetry.WithCorrelation(ctx, "request-1"), "message-1")

	wire := propagation.MapCarrier{}
	telemetry.Inject(ctx, wire)
	there := telemetry.Extract(t.Context(), wire)

	require.NotEmpty(t, telemetry.TraceID(ctx))
	require.Equal(t, telemetry.TraceID(ctx), telemetry.TraceID(there))
	require.Equal(t, "request-1", telemetry.Correlation(there))
	require.Equal(t, "message-1", telemetry.Causation(there))
}

func TestATraceIsBegunOnce(t *testing.T) {
	ctx := telemetry.Begin(t.Context())
	require.Equal(t, ctx, telemetry.Begin(ctx))
}

func TestNothingIsMadeUp(t *testing.T) {
	wire := propagation.MapCarrier{}
	telemetry.Inject(t.Context(), wire)
	require.Empty(t, wire)
	require.Empty(t, telemetry.TraceID(telemetry.Extract(t.Context(), wire)))
}
