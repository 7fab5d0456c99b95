// Package signing makes access tokens, and the keys they are signed and verified with.
//
// A key signs for a stretch of time and is published before and after it: before, so that everybody
// knows it when its first token turns up; after, until its last token has expired.
//
//	      publish             sign                 verify
//	├── Ahead ──┼────────── Life of a key ──────────┼── Behind ──┤
//	            └ SignsFrom             SignsUntil ─┘
package signing

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"
)

// How long a key is known before it signs and after it stopped.
const (
	Ahead  = 2 * time.Hour
	Behind = 2 * time.Hour
)

// A Key is an Ed25519 key with the time in which it signs.
type Key struct {
	ID         string
	Private    ed25519.PrivateKey
	SignsFrom  time.Time
	SignsUntil time.Time
}

func newKey(from time.Time, life time.Duration) Key {
	_, private, _ := ed25519.GenerateKey(rand.Reader)
	return Key{ID: rand.Text(), Private: private, SignsFrom: from, SignsUntil: from.Add(life)}
}

// A Ring is the keys there are.
type Ring []Key

// At returns the key that signs at a time.
func (r Ring) At(at time.Time) (Key, bool) {
	i := slices.IndexFunc(r, func(k Key) bool { return !at.Before(k.SignsFrom) && at.Before(k.SignsUntil) })
	if i < 0 {
		return Key{}, false
	}
	return r[i], true
}

// Published returns the keys that verify tokens at a time, and those that are about to sign.
func (r Ring) Published(at time.Time) Ring {
	return slices.DeleteFunc(slices.Clone(r), func(k Key) bool { return k.gone(at) })
}

// missing returns the key that the ring lacks at a time, and when it is needed: one to sign with now, or
// the next one. One that is needed now is as if it had been there for a while, so that a process whose
// clock is behind signs with it too.
func (r Ring) missing(at time.Time, life time.Duration) (k Key, needed time.Time, missing bool) {
	current, ok := r.At(at)
	if !ok {
		return newKey(at.Add(-Ahead), life), at, true
	}
	if _, ok := r.At(current.SignsUntil); !ok && at.Add(Ahead).After(current.SignsUntil) {
		return newKey(current.SignsUntil, life), current.SignsUntil, true
	}
	return Key{}, time.Time{}, false
}

func (k Key) gone(at time.Time) bool { return at.After(k.SignsUntil.Add(Behind)) }

// JWKS writes the public halves as a JSON Web Key Set (RFC 7517, RFC 8037).
func (r Ring) JWKS() ([]byte, error) {
	set := struct {
		Keys []webKey `json:"keys"`
	}{[]webKey{}}
	for _, k := range r {
		public := k.Private.Public().(ed25519.PublicKey)
		set.Keys = append(set.Keys, webKey{"OKP", "Ed25519", "EdDSA", "sig", k.ID, base64.RawURLEncoding.EncodeToString(public)})
	}
	return json.Marshal(set)
}

type webKey struct {
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
	ID        string `json:"kid"`
	X         string `json:"x"`
}
