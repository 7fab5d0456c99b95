package web

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

func TestStreamsAreCounted(t *testing.T) {
	s := newStreams()
	var leave []func()
	for range streamsOfCaller {
		out, err := s.enter("ada")
		require.NoError(t, err)
		leave = append(leave, out)
	}
	_, err := s.enter("ada")
	require.True(t, fault.Is(err, fault.TooMany))

	s.open = streamsAtMost
	_, err = s.enter("bob")
	require.True(t, fault.Is(err, fault.Unavailable))

	s.open = len(leave)
	for _, out := range leave {
		out()
	}
	require.Zero(t, s.open)
	require.Empty(t, s.byCaller)
}
