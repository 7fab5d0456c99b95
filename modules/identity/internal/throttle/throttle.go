// Package throttle makes guessing passwords slow without locking anybody out: tries are counted per
// account and address they come from, and per network, and forgotten after a while. Whoever is signed
// in already, or comes from elsewhere, is not held up by somebody else's guesses.
package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Try is one attempt to name an account's password. It tells neither the account nor the address.
type Try struct {
	ID      string
	Account string // account and address
	Network string // the network of the address
	At      time.Time
}

// A Limit is how many failed tries there may be in any stretch of time. Most zero means no limit.
type Limit struct {
	Most   int
	Within time.Duration
}

// Limits are what a Guard holds to.
type Limits struct {
	Account Limit
	Network Limit
}

// Tries keeps tries that failed or whose outcome is not known yet.
type Tries interface {
	// Add keeps the try, unless one of the limits is reached: then it returns when to try again.
	Add(ctx context.Context, try Try, limits Limits) (wait time.Duration, err error)
	// Withdraw forgets one try.
	Withdraw(ctx context.Context, id string) error
	// Forgive forgets all tries of an account and address.
	Forgive(ctx context.Context, account string) error
}

// A Guard stands between a guess and its answer.
type Guard struct {
	tries  Tries
	limits Limits
	now    func() time.Time
}

// NewGuard returns a guard that reads the clock by now.
func NewGuard(tries Tries, limits Limits, now func() time.Time) *Guard {
	return &Guard{tries: tries, limits: limits, now: now}
}

// Check asks verify whether a password is right, unless there have been too many wrong ones. The try
// is counted before it is answered, so that a thousand at once are no more than one after the other.
func (g *Guard) Check(ctx context.Context, account, address string, verify func() (bool, error)) (bool, error) {
	try := Try{ID: uuid.Must(uuid.NewV7()).String(), Account: digest(account, address), Network: digest(network(address)), At: g.now()}
	wait, err := g.tries.Add(ctx, try, g.limits)
	if err != nil {
		return false, err
	}
	if wait > 0 {
		return false, fault.New(fault.TooMany, "too many wrong passwords; try again later").WithCode("too-many-tries").After(wait)
	}
	right, err := verify()
	switch {
	case err != nil:
		if forgotten := g.tries.Withdraw(context.WithoutCancel(ctx), try.ID); forgotten != nil {
			return false, forgotten
		}
		return false, err
	case right:
		return true, g.tries.Forgive(ctx, try.Account)
	}
	return false, nil
}

// network is the part of an address that one attacker usually has all of.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	bits := 56
	if ip = ip.Unmap(); ip.Is4() {
		bits = 24
	}
	prefix, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return address
	}
	return prefix.String()
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
