package app

import (
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMemoryIsTakenByTheBusyOnly(t *testing.T) {
	require.Equal(t, whenBusy, percentFor(2*busy, whenIdle))
	require.Equal(t, whenIdle, percentFor(idle/2, whenBusy))
	for _, now := range []int{whenBusy, whenIdle} {
		require.Equal(t, now, percentFor((busy+idle)/2, now), "what is neither stays as it is")
	}
}

func TestAnIdleProcessGetsSmall(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	t.Setenv("GOGC", "")
	t.Cleanup(spaceOut(time.Millisecond))

	require.Eventually(t, func() bool {
		percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(percent)
		return percent[0].Value.Uint64() == whenIdle
	}, 30*time.Second, 5*time.Millisecond)
}

func TestWhoSetsGOGCDecides(t *testing.T) {
	before := debug.SetGCPercent(123)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	t.Setenv("GOGC", "123")
	spaceOut(time.Millisecond)()
	require.Equal(t, 123, debug.SetGCPercent(123))
}
