package ratelimit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARateIsKept(t *testing.T) {
	limiter, now := New(Rate{Count: 10, Per: time.Second}), time.Now()
	allowed := 0
	for i := range 1000 { // five seconds of twenty times as much
		if limiter.Take("alice", now.Add(time.Duration(i)*5*time.Millisecond)).Allowed {
			allowed++
		}
	}
	require.InDelta(t, 10+5*10, allowed, 1)
}

func TestARefusalSaysWhenToComeAgain(t *testing.T) {
	limiter, now := New(Rate{Count: 2, Per: time.Minute}), time.Now()

	require.Equal(t, Verdict{Allowed: true, Limit: 2, Remaining: 1, Reset: 30 * time.Second}, limiter.Take("alice", now))
	require.Equal(t, Verdict{Allowed: true, Limit: 2, Remaining: 0, Reset: time.Minute}, limiter.Take("alice", now))
	require.Equal(t, Verdict{Limit: 2, Reset: time.Minute, Retry: 30 * time.Second}, limiter.Take("alice", now))
	require.True(t, limiter.Take("bob", now).Allowed)
	require.True(t, limiter.Take("alice", now.Add(30*time.Second)).Allowed)
}

func TestMemoryIsBounded(t *testing.T) {
	limiter := New(Rate{Count: 1, Per: time.Hour})
	limiter.memory = 2
	now := time.Now()
	for _, client := range []string{"a", "b", "a", "c"} {
		limiter.Take(client, now)
	}
	require.Len(t, limiter.buckets, 2)
	require.False(t, limiter.Take("a", now).Allowed, "seen lately")
	require.True(t, limiter.Take("b", now).Allowed, "forgotten")
}

func TestRatesAreWords(t *testing.T) {
	for text, want := range map[string]Rate{
		"200/s": {200, time.Second}, "1000/m": {1000, time.Minute}, "1/h": {1, time.Hour}, "off": {},
	} {
		var rate Rate
		require.NoError(t, rate.UnmarshalText([]byte(text)))
		require.Equal(t, want, rate)
		require.Equal(t, text, rate.String())
	}
	for _, text := range []string{"", "fast", "0/s", "-1/s", "10", "10/day", "1/s/s"} {
		require.Error(t, new(Rate).UnmarshalText([]byte(text)), text)
	}
	require.True(t, New(Rate{}).Take("anybody", time.Now()).Allowed)
}
