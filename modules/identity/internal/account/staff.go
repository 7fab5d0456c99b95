package account

import (
	"context"
	"crypto/rand"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An Appointment says who runs the shop.
type Appointment struct {
	Email     string
	Generated secret.String // the password, where we made one up: to be told once
	Created   bool          // just now
	Differs   bool          // the password that was asked for is not the account's, and was not set
}

// Appoint sees to it that somebody can run the shop: where there is no staff account it creates one that
// is staff and operator. An account that is there stays as it is.
func (s *Service) Appoint(ctx context.Context, email string, password secret.String) (Appointment, error) {
	staff, err := s.accounts.FindStaff(ctx)
	if fault.Is(err, fault.NotFound) {
		return s.hire(ctx, email, password)
	}
	if err != nil || password == "" {
		return Appointment{Email: staff.Email}, err
	}
	matches, err := s.passwords.Matches(ctx, password, staff.PasswordHash)
	return Appointment{Email: staff.Email, Differs: !matches}, err
}

// ResetStaffPassword gives the staff account with an address, or the first one where it is empty, a new
// password, and signs it out everywhere.
func (s *Service) ResetStaffPassword(ctx context.Context, email string, password secret.String) (Appointment, error) {
	staff, err := s.findStaff(ctx, email)
	if err != nil {
		return Appointment{}, err
	}
	password, generated := orGenerated(password)
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return Appointment{}, err
	}
	err = s.accounts.Update(ctx, staff.ID, func(a *Account) error { return a.SetPassword(hash) })
	return Appointment{Email: staff.Email, Generated: generated}, err
}

func (s *Service) hire(ctx context.Context, email string, password secret.String) (Appointment, error) {
	email, name, err := normal(email, "Staff")
	if err != nil {
		return Appointment{}, err
	}
	password, generated := orGenerated(password)
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return Appointment{}, err
	}
	id, created, err := s.accounts.Add(ctx, Register(newID(), email, name, hash, s.now(), auth.RoleStaff, auth.RoleOperator))
	if err != nil || created {
		return Appointment{Email: email, Generated: generated, Created: created}, err
	}
	// The address is taken: by another process that starts at this moment, or by a customer.
	holder, err := s.accounts.Find(ctx, id)
	if err == nil && !holder.Is(auth.RoleStaff) {
		err = fault.New(fault.Conflict, "the address for the staff account, %s, belongs to a customer; choose another", email)
	}
	return Appointment{Email: email}, err
}

func (s *Service) findStaff(ctx context.Context, email string) (State, error) {
	if email == "" {
		return s.accounts.FindStaff(ctx)
	}
	email, err := NormalEmail(email)
	if err != nil {
		return State{}, err
	}
	staff, err := s.accounts.FindByEmail(ctx, email)
	if err == nil && !staff.Is(auth.RoleStaff) {
		err = fault.New(fault.NotFound, "%s is not a staff account", email)
	}
	return staff, err
}

func orGenerated(password secret.String) (use, generated secret.String) {
	if password != "" {
		return password, ""
	}
	password = secret.String(rand.Text())
	return password, password
}
