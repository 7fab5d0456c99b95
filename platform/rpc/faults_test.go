package rpc_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/rpc/rpctest"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

func TestWhatIsWrongArrivesAsItWas(t *testing.T) {
	var wrong error
	asking, _ := pair(t, func(context.Context, string) (string, error) { return "", wrong })
	for _, wrong = range rpctest.Errors() {
		_, err := asking.say(t.Context(), "")
		rpctest.SameError(t, wrong, err)
	}
}

// logged is what is logged from now on.
func logged(t *testing.T) *bytes.Buffer {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(telemetry.NewLogger(&log, false, slog.LevelInfo))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

func TestWhatNobodyForesawIsLoggedAndStaysWhereItHappened(t *testing.T) {
	for name, answers := range map[string]echo{
		"an error":        func(context.Context, string) (string, error) { return "", errors.New("canary") },
		"a fault of ours": func(context.Context, string) (string, error) { return "", fault.New(fault.Internal, "canary") },
		"a panic":         func(context.Context, string) (string, error) { panic("canary") },
		"an unsendable one": func(context.Context, string) (string, error) {
			return "", fault.New(fault.Conflict, "canary").WithDetail("x", func() {})
		},
	} {
		t.Run(name, func(t *testing.T) {
			asking, answering := pair(t, answers)
			log := logged(t)
			ctx := telemetry.WithCorrelation(telemetry.Begin(t.Context()), "request-1")

			_, err := asking.say(ctx, "")

			require.Error(t, err)
			require.Equal(t, fault.Internal, fault.KindOf(err))
			require.NotContains(t, err.Error(), "canary")
			require.ErrorContains(t, err, "ask sample: ")
			answering.stop()
			require.Contains(t, log.String(), "canary")
			require.Contains(t, log.String(), `"trace_id":"`+telemetry.TraceID(ctx))
			require.Contains(t, log.String(), `"correlation_id":"request-1"`)
		})
	}
}

func TestAMessageHasABound(t *testing.T) {
	large := strings.Repeat("x", 4<<20)
	var asked atomic.Int64
	asking, _ := pair(t, func(_ context.Context, said string) (string, error) { asked.Add(1); return said + large, nil })

	_, err := asking.say(t.Context(), large)
	require.True(t, fault.Is(err, fault.TooLarge), err)
	require.Zero(t, asked.Load(), "a question that is too large is not sent")

	_, err = asking.say(t.Context(), "small")
	require.True(t, fault.Is(err, fault.TooLarge), err)
	require.EqualValues(t, 1, asked.Load(), "an answer that is too large is no better the second time")
}

func TestAQuestionOfAnotherReleaseIsNobodysFault(t *testing.T) {
	asking, _ := pair(t, repeat)
	err := asking.conn.Invoke(t.Context(), "/sample.Echo/Sing", nil, nil)
	require.Error(t, err)
	require.Equal(t, fault.Internal, fault.KindOf(err))
}
