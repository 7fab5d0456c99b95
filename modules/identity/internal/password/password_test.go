package password

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func hasher(t *testing.T) *Hasher {
	t.Helper()
	return NewHasher()
}

func TestAPasswordMatchesItsHashAlone(t *testing.T) {
	h := hasher(t)
	for _, password := range []secret.String{"12345678", "with\x00nul-byte", secret.String(strings.Repeat("x", 100)), secret.String(strings.Repeat("x", 1024))} {
		hash, err := h.Hash(t.Context(), password)
		require.NoError(t, err)
		require.NotContains(t, hash, password.Reveal())

		right, err := h.Matches(t.Context(), password, hash)
		require.NoError(t, err)
		require.True(t, right)
		for _, wrong := range []secret.String{"", password[:len(password)-1], password + "x", password[:len(password)-1] + "!"} {
			matches, err := h.Matches(t.Context(), wrong, hash)
			require.NoError(t, err)
			require.False(t, matches, "nothing is cut off and nothing is ignored")
		}
	}
}

func TestAPasswordIsTheSameOnEveryKeyboard(t *testing.T) {
	h := hasher(t)
	hash, err := h.Hash(t.Context(), "cafe\u0301-olé")
	require.NoError(t, err)
	matches, err := h.Matches(t.Context(), "caf\u00e9-ole\u0301", hash)
	require.NoError(t, err)
	require.True(t, matches)
}

func TestAPasswordHasBounds(t *testing.T) {
	h := hasher(t)
	for _, password := range []secret.String{"", "1234567", secret.String(strings.Repeat("x", 1025)), secret.String(strings.Repeat("x", 1<<20)), "\xff1234567"} {
		_, err := h.Hash(t.Context(), password)
		require.True(t, fault.Is(err, fault.Invalid), len(password))
	}
}

func TestNothingMatchesNoHash(t *testing.T) {
	h := hasher(t)
	for _, password := range []secret.String{"", "xxxxxxxx", "anything at all", secret.String(strings.Repeat("x", 1<<20))} {
		matches, err := h.Matches(t.Context(), password, "")
		require.NoError(t, err)
		require.False(t, matches)
	}
}

func TestWhoComesToAFullQueueIsToldToTryAgain(t *testing.T) {
	h := newHasher(1)
	for range cap(h.queue) {
		h.queue <- struct{}{}
	}

	_, err := h.Hash(t.Context(), "12345678")

	require.True(t, fault.Is(err, fault.Unavailable))
	e, _ := fault.As(err)
	require.Positive(t, e.RetryAfter)
}

func TestWhoLeavesTheQueueMakesRoom(t *testing.T) {
	h := newHasher(1)
	h.serving <- struct{}{} // somebody is being served, for ever
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()

	_, err := h.Hash(ctx, "12345678")

	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, h.queue)
}

func BenchmarkHash(b *testing.B) {
	h := NewHasher()
	for b.Loop() {
		_, err := h.Hash(b.Context(), "12345678")
		require.NoError(b, err)
	}
}
