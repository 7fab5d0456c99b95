// Package session keeps somebody signed in: a password buys an access token for minutes and a refresh
// token for weeks, and a refresh token buys the next pair.
//
//	SignIn ─▶ access, refresh ─▶ Refresh ─▶ access, refresh ─▶ … ─▶ SignOut
package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Accounts finds out who signs in.
type Accounts interface {
	Find(ctx context.Context, id string) (account.State, error)
	FindByEmail(ctx context.Context, email string) (account.State, error)
}

// Families keeps refresh families.
type Families interface {
	// Start keeps a new family.
	Start(ctx context.Context, f *Family, passwordHash string) error
	// Update loads the family that a token belongs to, lets change act on it, and saves the outcome.
	// A token of no family is fault.NotFound.
	Update(ctx context.Context, tokenHash string, change func(*Family)) error
}

// A Signer makes access tokens.
type Signer interface {
	Sign(ctx context.Context, p auth.Principal) (token secret.String, life time.Duration, err error)
}

// A Session is what somebody who signed in is given.
type Session struct {
	Account   account.State
	Access    secret.String
	ExpiresIn time.Duration // of Access
	Refresh   secret.String
}

// Credentials are what somebody signs in with.
type Credentials struct {
	Email    string
	Password secret.String
	Scope    string
	Address  string // the IP address they come from
}

// A Service signs people in and out.
type Service struct {
	accounts  Accounts
	passwords account.Passwords
	families  Families
	signer    Signer
	guard     *throttle.Guard
	now       func() time.Time
}

// NewService returns a service that reads the clock by now.
func NewService(accounts Accounts, passwords account.Passwords, families Families, signer Signer, guard *throttle.Guard, now func() time.Time) *Service {
	return &Service{accounts: accounts, passwords: passwords, families: families, signer: signer, guard: guard, now: now}
}

// SignIn starts a session for whoever knows the password. An unknown address and a wrong password are
// answered alike and take the same time.
func (s *Service) SignIn(ctx context.Context, c Credentials) (Session, error) {
	email, err := account.NormalEmail(c.Email)
	if err != nil {
		return Session{}, err
	}
	var who account.State
	right, err := s.guard.Check(ctx, email, c.Address, func() (bool, error) {
		found, err := s.accounts.FindByEmail(ctx, email)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return false, err
		}
		who = found // nobody, if there is none: nothing matches, after the same time
		return s.passwords.Matches(ctx, c.Password, found.PasswordHash)
	})
	switch {
	case err != nil:
		return Session{}, err
	case !right:
		return Session{}, BadCredentials()
	case c.Scope != "" && (c.Scope != auth.ScopeImport || !who.Is(auth.RoleStaff)):
		return Session{}, fault.Wrong("scope", "is not for this account")
	}
	family, refresh := NewFamily(uuid.Must(uuid.NewV7()).String(), who.ID, c.Scope, s.now())
	if err := s.families.Start(ctx, family, who.PasswordHash); err != nil {
		return Session{}, err
	}
	return s.session(ctx, who, family.State().Scope, refresh)
}

// BadCredentials tells whoever signs in that it is not them, and not why.
func BadCredentials() error {
	return fault.New(fault.Unauthenticated, "the e-mail address or the password is wrong").WithCode("bad-credentials")
}

// Refresh spends a refresh token for the next session.
func (s *Service) Refresh(ctx context.Context, token secret.String) (Session, error) {
	var (
		family FamilyState
		next   secret.String
		ok     bool
	)
	err := s.families.Update(ctx, Hash(token), func(f *Family) {
		next, ok = f.Exchange(token, s.now())
		family = f.State()
	})
	if fault.Is(err, fault.NotFound) || (err == nil && !ok) {
		return Session{}, Ended()
	}
	if err != nil {
		return Session{}, err
	}
	who, err := s.accounts.Find(ctx, family.AccountID)
	if err != nil {
		return Session{}, err
	}
	if who.Closed() {
		return Session{}, Ended()
	}
	return s.session(ctx, who, family.Scope, next)
}

// SignOut ends the family of a refresh token. A token of no family is as good as signed out.
func (s *Service) SignOut(ctx context.Context, token secret.String) error {
	err := s.families.Update(ctx, Hash(token), func(f *Family) { f.Revoke(s.now()) })
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func (s *Service) session(ctx context.Context, who account.State, scope string, refresh secret.String) (Session, error) {
	p := auth.Principal{Subject: who.ID, Roles: who.Roles}
	if scope != "" && who.Is(auth.RoleStaff) { // what was granted to staff ends with being staff
		p.Scopes = []string{scope}
	}
	access, life, err := s.signer.Sign(ctx, p)
	return Session{Account: who, Access: access, ExpiresIn: life, Refresh: refresh}, err
}
