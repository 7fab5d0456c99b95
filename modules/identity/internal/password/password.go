// Package password turns passwords into hashes that are of no use to a thief.
//
// It uses argon2id with OWASP's second set of parameters (19 MiB, 2 passes) rather than the library's
// 64 MiB, 1 pass: a guess costs an attacker about the same, and a burst of sign-ins costs us a third of
// the memory. How many hashes are computed at once, and how many wait, is bounded: whoever comes beyond
// that is told to try again, and everybody else's requests keep their share of the processors.
package password

import (
	"context"
	"encoding/base64"
	"fmt"
	"runtime"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// The bounds of a password in bytes.
const (
	MinLength = 8
	MaxLength = 1024
)

var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// waiting is how many may wait for each that is served: some seconds of work.
const waiting = 100

// A Hasher makes and checks hashes of passwords.
type Hasher struct {
	queue   chan struct{} // everybody who waits or is served
	serving chan struct{}
}

// NewHasher returns a hasher that leaves a processor to everybody else, where there are two.
func NewHasher() *Hasher { return newHasher(max(1, runtime.GOMAXPROCS(0)-1)) }

func newHasher(atOnce int) *Hasher {
	return &Hasher{queue: make(chan struct{}, atOnce*(1+waiting)), serving: make(chan struct{}, atOnce)}
}

// nobodys looks like a hash and was made of no password. Making a real one at every start took 19 MiB and
// as long as all the rest of the module.
var nobodys = func() string {
	zeroes := func(n uint32) string { return base64.RawStdEncoding.EncodeToString(make([]byte, n)) }
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		params.Memory, params.Iterations, params.Parallelism, zeroes(params.SaltLength), zeroes(params.KeyLength))
}()

// Hash returns what to keep of a password. A password out of bounds is an error.
func (h *Hasher) Hash(ctx context.Context, password secret.String) (hash string, err error) {
	text := normal(password)
	if len(text) < MinLength || len(text) > MaxLength || !utf8.ValidString(text) {
		return "", fault.Wrong("password", "must be %d to %d bytes", MinLength, MaxLength)
	}
	err = h.take(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(text, params)
		return err
	})
	return hash, err
}

// Matches reports whether hash was made of the password. Nothing matches an empty hash, and finding
// that out takes as long as for any other.
func (h *Hasher) Matches(ctx context.Context, password secret.String, hash string) (matches bool, err error) {
	text, against := normal(password), hash
	if hash == "" {
		against = nobodys
	}
	if len(text) > MaxLength {
		text = "" // too long to have been set, and too long to be worth hashing
	}
	err = h.take(ctx, func() (err error) {
		matches, err = argon2id.ComparePasswordAndHash(text, against)
		return err
	})
	return matches && hash != "" && err == nil, err
}

// take waits for a turn to compute, unless too many wait already.
func (h *Hasher) take(ctx context.Context, compute func() error) error {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return fault.New(fault.Unavailable, "too many people sign in at this moment; try again").WithCode("busy").After(2 * time.Second)
	}
	select {
	case h.serving <- struct{}{}:
		defer func() { <-h.serving }()
		return compute()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// normal lets a password be typed on any keyboard: é is one character or two, and the same.
func normal(password secret.String) string {
	if len(password) > 4*MaxLength {
		return password.Reveal()
	}
	return norm.NFC.String(password.Reveal())
}
