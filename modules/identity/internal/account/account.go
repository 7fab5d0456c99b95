// Package account is what an account is: who may sign in, under which address, and as what.
//
//	Register ─▶ open ─▶ Close ─▶ closed: nothing personal is left of it
package account

import (
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// State is everything an account is.
type State struct {
	ID           string
	Email        string   // empty once closed
	Name         string   // empty once closed
	PasswordHash string   // empty: nobody can sign in by password
	Roles        []string // of package auth
	RegisteredAt time.Time
	ClosedAt     time.Time // zero while open
}

// Is reports whether the account has a role.
func (s State) Is(role string) bool { return slices.Contains(s.Roles, role) }

// Closed reports whether the account is closed.
func (s State) Closed() bool { return !s.ClosedAt.IsZero() }

// An Event is what an account announces.
type Event interface {
	EventName() string
	EventKey() string
}

// An Account guards its State: it changes only through the methods below.
type Account struct {
	state  State
	events []Event // what happened since it was loaded; announced when it is saved
}

// Register returns a new open account. Its e-mail address and name are normal (NormalEmail, NormalName).
func Register(id, email, name, passwordHash string, at time.Time, roles ...string) *Account {
	return &Account{
		state:  State{ID: id, Email: email, Name: name, PasswordHash: passwordHash, Roles: roles, RegisteredAt: at},
		events: []Event{identity.AccountRegistered{AccountID: id, Email: email, Name: name}},
	}
}

// Restore returns the account that has this state.
func Restore(s State) *Account { return &Account{state: s} }

// State returns what the account is now.
func (a *Account) State() State { return a.state }

// Events returns what happened to the account since it was loaded.
func (a *Account) Events() []Event { return a.events }

// SetPassword makes the password behind hash the one to sign in with.
func (a *Account) SetPassword(hash string) error {
	if a.state.Closed() {
		return Gone()
	}
	a.state.PasswordHash = hash
	return nil
}

// Close makes the account a pseudonym: its address is free again and its id says nothing about anybody.
// Closing it twice is fine. Staff are taken off by an operator, never by a stolen session of theirs.
func (a *Account) Close(at time.Time) error {
	switch {
	case a.state.Closed():
		return nil
	case a.state.Is(auth.RoleStaff):
		return fault.New(fault.Conflict, "a staff account cannot be closed").WithCode("staff-account")
	}
	a.state.Email, a.state.Name, a.state.PasswordHash = "", "", ""
	a.state.ClosedAt = at
	a.events = append(a.events, identity.AccountClosed{AccountID: a.state.ID})
	return nil
}

// Gone is the answer to whoever still carries a token of a closed account.
func Gone() error {
	return fault.New(fault.Unauthenticated, "this account is closed").WithCode("account-closed")
}
