package account

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Repository keeps accounts.
type Repository interface {
	// Add keeps a new account. If an account has its address already nothing changes, at the same cost,
	// and the id of that account is returned.
	Add(ctx context.Context, a *Account) (id string, added bool, err error)
	// Update loads an account, lets change act on it, and saves the outcome with its events. An account
	// whose password changed or that was closed is signed out everywhere.
	Update(ctx context.Context, id string, change func(*Account) error) error
	// Find returns an account; a missing one is fault.NotFound.
	Find(ctx context.Context, id string) (State, error)
	// FindByEmail returns the open account with a normal address; none is fault.NotFound.
	FindByEmail(ctx context.Context, email string) (State, error)
	// FindStaff returns the staff account that was registered first; none is fault.NotFound.
	FindStaff(ctx context.Context) (State, error)
}

// Passwords makes and checks hashes. It may refuse to when there is too much to hash.
type Passwords interface {
	Hash(ctx context.Context, password secret.String) (string, error)
	// Matches costs the same for an empty hash, which nothing matches.
	Matches(ctx context.Context, password secret.String, hash string) (bool, error)
}

// A Service registers and closes accounts.
type Service struct {
	accounts  Repository
	passwords Passwords
	guard     *throttle.Guard
	now       func() time.Time
}

// NewService returns a service that reads the clock by now.
func NewService(accounts Repository, passwords Passwords, guard *throttle.Guard, now func() time.Time) *Service {
	return &Service{accounts: accounts, passwords: passwords, guard: guard, now: now}
}

// SignUp registers a customer who asks for it and returns the account's id. For a known address it
// answers the same, as slowly, with an id that belongs to nobody, and nothing changes: an answer tells
// nobody who has an account here.
func (s *Service) SignUp(ctx context.Context, email, name string, password secret.String) (string, error) {
	email, name, err := normal(email, name)
	if err != nil {
		return "", err
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return "", err
	}
	a := Register(newID(), email, name, hash, s.now(), auth.RoleCustomer)
	if _, _, err := s.accounts.Add(ctx, a); err != nil {
		return "", err
	}
	return a.State().ID, nil
}

// Enter registers a customer whom staff know and returns the account's id, which for a known address is
// the id it has. Without a password nobody can sign in until one is set.
func (s *Service) Enter(ctx context.Context, email, name string, password secret.String) (string, error) {
	email, name, err := normal(email, name)
	if err != nil {
		return "", err
	}
	hash := ""
	if password != "" {
		if hash, err = s.passwords.Hash(ctx, password); err != nil {
			return "", err
		}
	}
	id, _, err := s.accounts.Add(ctx, Register(newID(), email, name, hash, s.now(), auth.RoleCustomer))
	return id, err
}

// Find returns an open account.
func (s *Service) Find(ctx context.Context, id string) (State, error) {
	state, err := s.accounts.Find(ctx, id)
	if fault.Is(err, fault.NotFound) || (err == nil && state.Closed()) {
		return State{}, Gone()
	}
	return state, err
}

// ChangePassword sets a new password for whoever knows the present one, and signs the account out everywhere.
func (s *Service) ChangePassword(ctx context.Context, id, address string, present, next secret.String) error {
	if err := s.confirm(ctx, id, address, present); err != nil {
		return err
	}
	hash, err := s.passwords.Hash(ctx, next)
	if err != nil {
		return err
	}
	return s.accounts.Update(ctx, id, func(a *Account) error { return a.SetPassword(hash) })
}

// Close closes the account for whoever knows its password.
func (s *Service) Close(ctx context.Context, id, address string, present secret.String) error {
	if err := s.confirm(ctx, id, address, present); err != nil {
		return err
	}
	return s.accounts.Update(ctx, id, func(a *Account) error { return a.Close(s.now()) })
}

// confirm makes sure that who carries a token of the account, at an IP address, knows its password as well.
func (s *Service) confirm(ctx context.Context, id, address string, present secret.String) error {
	state, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	right, err := s.guard.Check(ctx, id, address, func() (bool, error) {
		return s.passwords.Matches(ctx, present, state.PasswordHash)
	})
	if err == nil && !right {
		err = fault.Wrong("password", "is wrong").WithCode("wrong-password")
	}
	return err
}

func normal(email, name string) (string, string, error) {
	email, err := NormalEmail(email)
	if err != nil {
		return "", "", err
	}
	name, err = NormalName(name)
	return email, name, err
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
