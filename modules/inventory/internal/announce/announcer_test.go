package announce_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/inventory/internal/announce"
)

// levels counts how often it was asked, and fails the first time.
type levels struct{ asked atomic.Int64 }

func (l *levels) Announce(context.Context, int) (int, error) {
	if l.asked.Add(1) == 1 {
		return 0, errors.New("no database")
	}
	return 0, nil
}

func TestAnErrorDoesNotStopTheAnnouncer(t *testing.T) {
	l := &levels{}
	a := announce.New(l)
	a.Start()
	require.Eventually(t, func() bool { return l.asked.Load() >= 2 }, 30*time.Second, 10*time.Millisecond)

	a.Stop()
	at := l.asked.Load()
	require.Never(t, func() bool { return l.asked.Load() > at }, 300*time.Millisecond, 50*time.Millisecond)
}
