package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// How long things last.
const (
	Life  = 30 * 24 * time.Hour // of a family, from sign-in
	Grace = 10 * time.Second    // in which a refresh token may be used again, and gives the same successor
)

// A FamilyState is everything a family is. Of its tokens only hashes are kept.
type FamilyState struct {
	ID        string
	AccountID string
	Scope     string
	Key       []byte // derives a token's successor; of no use without the token
	Live      string // hash of the one token that is still to be used
	Spent     []Spent
	OpenedAt  time.Time
	ExpiresAt time.Time
	RevokedAt time.Time // zero: not revoked
}

// Spent is a token that was used.
type Spent struct {
	Hash string
	At   time.Time
}

// A Family is every refresh token that descends from one sign-in. One of them is live. Each token can
// be used once; a spent one that turns up again outside the grace was stolen from, or by, somebody, and
// ends the family.
type Family struct{ state FamilyState }

// NewFamily starts a family and returns its first token.
func NewFamily(id, accountID, scope string, at time.Time) (*Family, secret.String) {
	key, first := make([]byte, sha256.Size), make([]byte, sha256.Size)
	_, _ = rand.Read(key)
	_, _ = rand.Read(first)
	token := encode(first)
	return &Family{FamilyState{
		ID: id, AccountID: accountID, Scope: scope, Key: key, Live: Hash(token), OpenedAt: at, ExpiresAt: at.Add(Life),
	}}, token
}

// RestoreFamily returns the family that has this state.
func RestoreFamily(s FamilyState) *Family { return &Family{s} }

// State returns what the family is now.
func (f *Family) State() FamilyState { return f.state }

// Exchange spends a token and returns its successor. A successor is derived from its token, so whoever
// asks twice within the grace, because the answer was lost or two tabs asked, is given the same one.
// When ok is false the family has ended, if it had not before.
func (f *Family) Exchange(token secret.String, at time.Time) (next secret.String, ok bool) {
	hash, next := Hash(token), f.successor(token)
	if !f.state.RevokedAt.IsZero() || !at.Before(f.state.ExpiresAt) {
		return "", false
	}
	if hash == f.state.Live {
		f.state.Spent = append(f.state.Spent, Spent{Hash: hash, At: at})
		f.state.Live = Hash(next)
		return next, true
	}
	i := slices.IndexFunc(f.state.Spent, func(s Spent) bool { return s.Hash == hash })
	if i < 0 || at.Sub(f.state.Spent[i].At) > Grace {
		f.Revoke(at)
		return "", false
	}
	return next, true
}

// Revoke ends the family.
func (f *Family) Revoke(at time.Time) {
	if f.state.RevokedAt.IsZero() {
		f.state.RevokedAt = at
	}
}

func (f *Family) successor(token secret.String) secret.String {
	mac := hmac.New(sha256.New, f.state.Key)
	mac.Write([]byte(token.Reveal()))
	return encode(mac.Sum(nil))
}

// Hash is what is kept of a token. A token is 256 random bits, so nothing slower is needed.
func Hash(token secret.String) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(sum[:])
}

func encode(token []byte) secret.String {
	return secret.String(base64.RawURLEncoding.EncodeToString(token))
}

// Ended is the answer to every refresh token that is no good.
func Ended() error {
	return fault.New(fault.Unauthenticated, "the refresh token is spent, expired or unknown; sign in again").WithCode("signed-out")
}
