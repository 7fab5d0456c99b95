package signing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/platform/auth"
)

// TokenLife is how long an access token is good for. Nothing takes one back before.
const TokenLife = 10 * time.Minute

// Keys keeps signing keys.
type Keys interface {
	// Ring returns the keys there are.
	Ring(ctx context.Context) (Ring, error)
	// Add keeps a key, unless there is one by now that signs when it is needed, and drops the keys that
	// stopped signing before a time.
	Add(ctx context.Context, k Key, needed, drop time.Time) error
}

// A Signer signs access tokens, and sees to it that there are keys.
type Signer struct {
	keys Keys
	life time.Duration // of a key
	now  func() time.Time
}

// NewSigner returns a signer whose keys sign for life. It reads the clock by now.
func NewSigner(keys Keys, life time.Duration, now func() time.Time) *Signer {
	return &Signer{keys: keys, life: max(life, 2*Ahead), now: now}
}

// Sign returns an access token (RFC 9068), and how long it is good for.
func (s *Signer) Sign(ctx context.Context, p auth.Principal) (secret.String, time.Duration, error) {
	now := s.now()
	ring, err := s.ring(ctx, now)
	if err != nil {
		return "", 0, err
	}
	key, _ := ring.At(now)
	token, err := auth.Sign(auth.NewClaims(p, uuid.NewString(), now, TokenLife), key.Private, key.ID)
	return secret.String(token), TokenLife, err
}

// JWKS returns the keys to verify tokens with.
func (s *Signer) JWKS(ctx context.Context) ([]byte, error) {
	now := s.now()
	ring, err := s.ring(ctx, now)
	if err != nil {
		return nil, err
	}
	return ring.Published(now).JWKS()
}

// ring returns the keys, with one that signs now and in time with the next one.
func (s *Signer) ring(ctx context.Context, now time.Time) (Ring, error) {
	for {
		ring, err := s.keys.Ring(ctx)
		if err != nil {
			return nil, err
		}
		key, needed, missing := ring.missing(now, s.life)
		if !missing {
			return ring, nil
		}
		if err := s.keys.Add(ctx, key, needed, now.Add(-Behind)); err != nil {
			return nil, err
		}
	}
}
