package session_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func start() (*session.Family, secret.String) { return session.NewFamily("f1", "a1", "", noon) }

func TestATokenIsGoodOnce(t *testing.T) {
	family, first := start()

	second, ok := family.Exchange(first, noon)
	require.True(t, ok)
	require.NotEqual(t, first, second)
	third, ok := family.Exchange(second, noon.Add(time.Minute))
	require.True(t, ok)
	require.Equal(t, session.Hash(third), family.State().Live)
}

func TestARaceInTheGraceGivesTheSameSuccessor(t *testing.T) {
	family, first := start()
	one, ok := family.Exchange(first, noon)
	require.True(t, ok)

	again, ok := family.Exchange(first, noon.Add(session.Grace))

	require.True(t, ok)
	require.Equal(t, one.Reveal(), again.Reveal())
	require.Len(t, family.State().Spent, 1)
}

func TestReuseAfterTheGraceEndsTheFamily(t *testing.T) {
	family, first := start()
	second, _ := family.Exchange(first, noon)

	_, ok := family.Exchange(first, noon.Add(session.Grace+time.Microsecond))
	require.False(t, ok)

	_, ok = family.Exchange(second, noon.Add(session.Grace+time.Second))
	require.False(t, ok, "the thief's token is dead as well")
}

func TestAFamilyExpires(t *testing.T) {
	family, first := start()
	_, ok := family.Exchange(first, noon.Add(session.Life))
	require.False(t, ok)
}

func TestNobodyElsesTokenIsGood(t *testing.T) {
	family, _ := start()
	_, other := start()
	_, ok := family.Exchange(other, noon)
	require.False(t, ok)
}

// In any interleaving: at most one token is live, a token that was spent longer than the grace ago ends
// the family, and an ended family never gives anything again.
func TestAnyInterleavingKeepsOneLiveToken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		family, first := start()
		tokens := []secret.String{first}
		spentAt := map[secret.String]time.Time{}
		now, ended := noon, false
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 15).Draw(t, "seconds")) * time.Second)
			token := rapid.SampledFrom(tokens).Draw(t, "token")
			at, spent := spentAt[token]

			next, ok := family.Exchange(token, now)

			ended = ended || (spent && now.Sub(at) > session.Grace)
			require.Equal(t, !ended, ok)
			if !ok {
				require.Empty(t, next.Reveal())
				continue
			}
			if !spent {
				spentAt[token] = now
				tokens = append(tokens, next)
			}
			require.Equal(t, session.Hash(tokens[len(tokens)-1]), family.State().Live)
			require.Contains(t, tokens, next)
		}
	})
}
