package auth

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// A KeySource publishes the keys that access tokens are verified with, as a JSON Web Key Set (RFC 7517).
// It is asked in nobody's name: whoever answers could not verify a token without the answer.
type KeySource interface {
	JWKS(ctx context.Context) ([]byte, error)
}

const (
	refetchAfter = time.Minute      // keys older than this are asked for again, so that a withdrawn one goes
	refetchPause = 10 * time.Second // and never more often than this, whatever tokens say
	fetchTimeout = 5 * time.Second
)

// errUnknownKey is the answer to a token signed by nobody we know.
var errUnknownKey = errors.New("token is signed with an unknown key")

// A keyRing remembers the keys of a source.
type keyRing struct {
	source KeySource
	now    func() time.Time

	mu    sync.Mutex
	keys  map[string]ed25519.PublicKey
	asked time.Time
}

// key returns the key of that id, asking the source if it is unknown or the answer got old.
func (r *keyRing) key(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, known := r.keys[kid]
	age := r.now().Sub(r.asked)
	if age > refetchAfter || !known && age > refetchPause {
		if err := r.fetch(ctx); err != nil {
			slog.WarnContext(ctx, "keys of access tokens could not be fetched; the last known ones count", "error", err)
		}
		key, known = r.keys[kid]
	}
	if !known {
		return nil, errUnknownKey
	}
	return key, nil
}

func (r *keyRing) fetch(ctx context.Context) error {
	r.asked = r.now()
	// Others wait for the same answer: it must not depend on whether this caller stays, nor on who it is.
	ctx, cancel := context.WithTimeout(anonymous(context.WithoutCancel(ctx)), fetchTimeout)
	defer cancel()
	document, err := r.source.JWKS(ctx)
	if err != nil {
		return err
	}
	keys, err := parseKeySet(document)
	if err == nil {
		r.keys = keys
	}
	return err
}

// parseKeySet takes the Ed25519 keys of a set and leaves others to those who understand them.
func parseKeySet(document []byte) (map[string]ed25519.PublicKey, error) {
	var set struct {
		Keys []struct{ Kty, Crv, Kid, X string }
	}
	if err := json.Unmarshal(document, &set); err != nil {
		return nil, err
	}
	keys := map[string]ed25519.PublicKey{}
	for _, key := range set.Keys {
		if key.Kty != "OKP" || key.Crv != "Ed25519" {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(key.X)
		if err != nil || len(x) != ed25519.PublicKeySize || key.Kid == "" {
			return nil, errors.New("key set contains a broken Ed25519 key")
		}
		keys[key.Kid] = x
	}
	return keys, nil
}
