// Package authtest makes access tokens for tests.
package authtest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
)

const keyID = "test"

// New returns a fresh key and a function that signs tokens with it: good for a minute, for that subject.
func New(t testing.TB) (keys auth.KeySource, token func(subject string, roles ...string) string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return source(public), func(subject string, roles ...string) string {
		t.Helper()
		claims := auth.NewClaims(auth.Principal{Subject: subject, Roles: roles}, uuid.NewString(), time.Now(), time.Minute)
		token, err := auth.Sign(claims, private, keyID)
		require.NoError(t, err)
		return token
	}
}

// source publishes one key.
type source ed25519.PublicKey

// JWKS returns the key as a key set.
func (s source) JWKS(context.Context) ([]byte, error) {
	return fmt.Appendf(nil, `{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":%q,"x":%q}]}`,
		keyID, base64.RawURLEncoding.EncodeToString(s)), nil
}
