package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMomentsAreReadInThreeWays(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 30, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                          {},
		"2026-11-22T18:00:00+01:00": time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC),
		"2026-11-20":                time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
		"90m":                       now.Add(-90 * time.Minute),
		"7d":                        time.Date(2026, 11, 15, 18, 30, 0, 0, time.UTC),
	} {
		got, err := moment(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"yesterday", "2026-13-01", "-2h", "-1d", "d", "99999999999d", "12", "1.5d"} {
		_, err := moment(text, now)
		require.ErrorContains(t, err, "how long ago", text)
	}
}

func TestASpanHasABeginningBeforeItsEnd(t *testing.T) {
	_, _, err := span("2026-11-20", "2026-11-20")
	require.ErrorContains(t, err, "nothing can be between them")
	since, before, err := span("", "1h")
	require.NoError(t, err)
	require.True(t, since.IsZero())
	require.False(t, before.IsZero())
}
