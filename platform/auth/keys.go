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

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A KeySource publishes the keys that access tokens are verified with, as a JSON Web Key Set (RFC 7517).
// It is asked in nobody's name: whoever answers could not verify a token without the answer.
type KeySource interface {
	JWKS(ctx context.Context) ([]byte, error)
}

const (
	refetchAfter = time.Minute      // keys older than this are asked for again, so that a withdrawn one goes
	waitAfter    = 2 * refetchAfter // and those older than this do not count before the answer is there
	refetchPause = 10 * time.Second // never more often than this, whatever tokens say
	failurePause = time.Second      // or than this, where there was no answer
	fetchTimeout = 5 * time.Second
)

var (
	// errUnknownKey is the answer to a token signed by nobody we know.
	errUnknownKey = errors.New("token is signed with an unknown key")

	// errNoKeys is the answer while it cannot be found out who signed.
	errNoKeys = fault.New(fault.Unavailable, "access tokens cannot be verified at the moment: try it again").After(time.Second)
)

// A keyRing remembers the keys of a source. Nobody waits for a source that is slow to say again what it said
// a minute ago.
type keyRing struct {
	source KeySource
	now    func() time.Time

	mu     sync.Mutex
	keys   map[string]ed25519.PublicKey
	asked  time.Time
	told   time.Time     // when there was an answer, or none in time
	failed bool          // there was none
	asking chan struct{} // closed when the answer is there; nil: nobody asks
}

// key returns the key of that id, asking the source if it is unknown or the answer got old.
func (r *keyRing) key(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, known := r.keys[kid]
	age := r.now().Sub(r.asked)
	if r.asking == nil && (age > refetchAfter || !known && age > r.pause()) {
		r.ask(ctx)
	}
	if answered := r.asking; answered != nil && (!known || r.now().Sub(r.told) >= waitAfter) {
		r.mu.Unlock()
		select {
		case <-answered:
		case <-ctx.Done():
		}
		r.mu.Lock()
		key, known = r.keys[kid]
	}
	switch {
	case known:
		return key, nil
	case r.failed || r.asking != nil:
		return nil, errNoKeys
	}
	return nil, errUnknownKey
}

func (r *keyRing) pause() time.Duration {
	if r.failed {
		return failurePause
	}
	return refetchPause
}

// ask asks the source. Others wait for the same answer: it depends neither on whether this caller stays nor on
// who it is.
func (r *keyRing) ask(ctx context.Context) {
	answered := make(chan struct{})
	r.asked, r.asking = r.now(), answered
	go func() {
		ctx, cancel := context.WithTimeout(anonymous(context.WithoutCancel(ctx)), fetchTimeout)
		defer cancel()
		keys, err := r.fetch(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told = r.now()
		if r.failed = err != nil; r.failed {
			slog.WarnContext(ctx, "keys of access tokens could not be fetched; the last known ones count", "error", err)
		} else {
			r.keys = keys
		}
		r.asking = nil
		close(answered)
	}()
}

func (r *keyRing) fetch(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	document, err := r.source.JWKS(ctx)
	if err != nil {
		return nil, err
	}
	return parseKeySet(document)
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
