package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

func TestALineSaysWhatItsContextKnows(t *testing.T) {
	var out bytes.Buffer
	ctx := telemetry.With(telemetry.Begin(t.Context()), slog.String("request_id", "r-1"))
	inner := telemetry.With(ctx, slog.String("order_id", "o-1"))
	log := telemetry.NewLogger(&out, false, slog.LevelInfo).With("module", "ordering")

	log.InfoContext(inner, "placed")
	log.DebugContext(inner, "not worth a line")

	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, "placed", line["msg"])
	require.Equal(t, "ordering", line["module"])
	require.Equal(t, "r-1", line["request_id"])
	require.Equal(t, "o-1", line["order_id"])
	require.Equal(t, telemetry.TraceID(ctx), line["trace_id"])

	out.Reset()
	log.InfoContext(ctx, "shown")
	require.NotContains(t, out.String(), "o-1", "a context does not know what one made of it knows")
}

func TestLinesForPeopleAreShort(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, true, slog.LevelInfo)

	log.Info("stopping")
	require.Regexp(t, `^\d\d:\d\d:\d\d\.\d{3} INFO  stopping\n$`, out.String())

	out.Reset()
	log.With("module", "ordering").WithGroup("order").Warn("late", "id", "o-1", "note", "a b")

	require.Regexp(t, `^\d\d:\d\d:\d\d\.\d{3} WARN  late  module=ordering order\.id=o-1 order\.note="a b"\n$`, out.String())
}

func TestALineCannotBeForged(t *testing.T) {
	for _, text := range []bool{true, false} {
		var out bytes.Buffer
		telemetry.NewLogger(&out, text, slog.LevelInfo).Info("a\nlevel=ERROR", "value", "b\r\n\x1b[31mlevel=ERROR")
		require.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
		require.NotContains(t, out.String(), "\x1b")
	}
}
