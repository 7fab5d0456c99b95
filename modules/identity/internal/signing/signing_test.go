package signing_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/signing"
	"github.com/pangaea-shop/pangaea/platform/auth"
)

const life = 30 * 24 * time.Hour

// memory keeps keys as the store does.
type memory struct{ ring signing.Ring }

func (m *memory) Ring(context.Context) (signing.Ring, error) { return slices.Clone(m.ring), nil }

func (m *memory) Add(_ context.Context, k signing.Key, _, drop time.Time) error {
	m.ring = slices.DeleteFunc(append(m.ring, k), func(k signing.Key) bool { return k.SignsUntil.Before(drop) })
	return nil
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestATokenIsGoodForItsWholeLifeAcrossRotations(t *testing.T) {
	keys, c := &memory{}, &clock{time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	signer := signing.NewSigner(keys, life, c.now)
	signedBy := map[string]bool{}
	known := map[string]time.Time{} // when a verifier could first see a key

	for range 24 * 100 {
		jwks := published(t, signer)
		for _, kid := range jwks {
			if _, seen := known[kid]; !seen {
				known[kid] = c.at
			}
		}
		token, good, err := signer.Sign(t.Context(), auth.Principal{Subject: "a1", Roles: []string{auth.RoleCustomer}})
		require.NoError(t, err)
		kid := kidOf(t, token.Reveal())
		signedBy[kid] = true
		require.Contains(t, jwks, kid)
		if len(signedBy) > 1 && known[kid].Equal(c.at) {
			require.Fail(t, "a key signed before it was published", "%s", c.at)
		}
		issued := c.at
		c.at = issued.Add(good)
		require.Contains(t, published(t, signer), kid, "until its last token has expired")
		c.at = issued.Add(time.Hour)
	}

	require.Len(t, signedBy, 4, "100 days")
	require.LessOrEqual(t, len(keys.ring), 2, "a key that verifies nothing any more is gone")
}

func TestTheVerifierAcceptsWhatTheSignerSigns(t *testing.T) {
	signer := signing.NewSigner(&memory{}, life, time.Now)
	want := auth.Principal{Subject: "s1", Roles: []string{auth.RoleStaff}, Scopes: []string{auth.ScopeImport}}
	token, good, err := signer.Sign(t.Context(), want)
	require.NoError(t, err)
	require.Equal(t, 10*time.Minute, good)

	got, err := auth.NewVerifier(signer).Verify(t.Context(), token.Reveal())

	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestAfterALongPauseThereIsAKeyAgain(t *testing.T) {
	keys, c := &memory{}, &clock{time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	signer := signing.NewSigner(keys, life, c.now)
	before := published(t, signer)

	c.at = c.at.Add(10 * life)

	after := published(t, signer)
	require.Len(t, after, 1)
	require.NotEqual(t, before, after)
}

func published(t *testing.T, signer *signing.Signer) (kids []string) {
	t.Helper()
	document, err := signer.JWKS(t.Context())
	require.NoError(t, err)
	require.NotContains(t, string(document), `"d"`, "a private key")
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(document, &set))
	for _, key := range set.Keys {
		require.Equal(t, "OKP", key["kty"])
		require.Equal(t, "EdDSA", key["alg"])
		kids = append(kids, key["kid"])
	}
	return kids
}

func kidOf(t *testing.T, token string) string {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	require.NoError(t, err)
	require.Equal(t, "at+jwt", parsed.Header["typ"])
	return parsed.Header["kid"].(string)
}
