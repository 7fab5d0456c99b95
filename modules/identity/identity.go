// Package identity is what other modules may know about identity: who has an account, the keys that
// access tokens are signed with, and the events it announces.
package identity

import "context"

// Guest is the customer id of an order that staff take for somebody without an account.
const Guest = "guest"

// Customers answers whether accounts exist.
type Customers interface {
	// Known returns the subset of ids that are open accounts.
	Known(ctx context.Context, ids []string) (map[string]bool, error)
}

// Keys publishes the public keys that access tokens are verified with.
type Keys interface {
	// JWKS returns a JSON Web Key Set (RFC 7517) of every key that may still have signed a valid token.
	JWKS(ctx context.Context) ([]byte, error)
}

// AccountRegistered announces a new account.
type AccountRegistered struct {
	AccountID string `json:"account_id"`
	Email     string `json:"email"`
	Name      string `json:"name"`
}

// AccountClosed announces that an account is closed for good. Whoever holds personal data of it erases
// the data or makes it pseudonymous.
type AccountClosed struct {
	AccountID string `json:"account_id"`
}

// EventName is the event's name on the wire. It never changes.
func (AccountRegistered) EventName() string { return "identity.AccountRegistered" }

// EventKey orders events of one account.
func (e AccountRegistered) EventKey() string { return e.AccountID }

// EventName is the event's name on the wire. It never changes.
func (AccountClosed) EventName() string { return "identity.AccountClosed" }

// EventKey orders events of one account.
func (e AccountClosed) EventKey() string { return e.AccountID }
