package throttle_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// memory keeps tries and lets all of them through unless told to wait.
type memory struct {
	tries []throttle.Try
	wait  time.Duration
}

func (m *memory) Add(_ context.Context, try throttle.Try, _ throttle.Limits) (time.Duration, error) {
	if m.wait == 0 {
		m.tries = append(m.tries, try)
	}
	return m.wait, nil
}

func (m *memory) Withdraw(_ context.Context, id string) error {
	return m.drop(func(t throttle.Try) bool { return t.ID == id })
}

func (m *memory) Forgive(_ context.Context, account string) error {
	return m.drop(func(t throttle.Try) bool { return t.Account == account })
}

func (m *memory) drop(which func(throttle.Try) bool) error {
	var left []throttle.Try
	for _, t := range m.tries {
		if !which(t) {
			left = append(left, t)
		}
	}
	m.tries = left
	return nil
}

func check(t *testing.T, m *memory, account, address string, right bool, failure error) error {
	t.Helper()
	guard := throttle.NewGuard(m, throttle.Limits{}, func() time.Time { return noon })
	answer, err := guard.Check(t.Context(), account, address, func() (bool, error) { return right, failure })
	require.Equal(t, right && failure == nil && err == nil, answer)
	return err
}

func TestWrongCountsRightForgivesAndTroubleOfOursDoesNeither(t *testing.T) {
	m := &memory{}
	require.NoError(t, check(t, m, "ada", "10.0.0.1", false, nil))
	require.NoError(t, check(t, m, "bob", "10.0.0.1", false, nil))
	require.Len(t, m.tries, 2)

	busy := errors.New("busy")
	require.ErrorIs(t, check(t, m, "ada", "10.0.0.1", false, busy), busy)
	require.Len(t, m.tries, 2)

	require.NoError(t, check(t, m, "ada", "10.0.0.1", true, nil))
	require.Len(t, m.tries, 1, "bob's")
}

func TestWhoMustWaitIsNotAnswered(t *testing.T) {
	m := &memory{wait: time.Minute}
	err := check(t, m, "ada", "10.0.0.1", true, nil)
	require.True(t, fault.Is(err, fault.TooMany))
	e, _ := fault.As(err)
	require.Equal(t, time.Minute, e.RetryAfter)
}

func TestATryTellsNobodyWhoAndWhereFrom(t *testing.T) {
	m := &memory{}
	for _, address := range []string{"10.1.2.3", "10.1.2.200", "10.1.3.3", "::ffff:10.1.2.9", "2001:db8:0:100::1", "2001:db8:0:1ff::1", "2001:db8:0:200::1", "fe80::1%eth0", "somewhere"} {
		require.NoError(t, check(t, m, "ada@example.org", address, false, nil))
	}
	same := func(a, b int) bool { return m.tries[a].Network == m.tries[b].Network }
	require.True(t, same(0, 1))
	require.False(t, same(0, 2))
	require.True(t, same(0, 3), "the same network, written as IPv6")
	require.True(t, same(4, 5))
	require.False(t, same(4, 6))
	for i, try := range m.tries {
		require.Regexp(t, "^[0-9a-f]{64}$", try.Account)
		require.Regexp(t, "^[0-9a-f]{64}$", try.Network)
		require.False(t, i > 0 && try.Account == m.tries[0].Account, "per address")
	}
}
