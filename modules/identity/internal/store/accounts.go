// Package store keeps accounts, sessions and keys as rows.
package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// accountRow is an account as the database sees it.
type accountRow struct {
	ID                string  `gorm:"column:id;primaryKey"`
	Email             *string `gorm:"column:email"`
	Name              string  `gorm:"column:name"`
	PasswordHash      string  `gorm:"column:password_hash"`
	IsStaff           bool    `gorm:"column:is_staff"`
	IsOperator        bool    `gorm:"column:is_operator"`
	RegisteredAt      int64   `gorm:"column:registered_at"`
	RegisteredAgainAt *int64  `gorm:"column:registered_again_at"`
	ClosedAt          *int64  `gorm:"column:closed_at"`
}

// TableName is the table of accounts.
func (accountRow) TableName() string { return "accounts" }

// Accounts keeps accounts.
type Accounts struct {
	db     *database.DB
	outbox *outbox.Outbox
}

// NewAccounts returns the accounts in db.
func NewAccounts(db *database.DB, outbox *outbox.Outbox) *Accounts {
	return &Accounts{db: db, outbox: outbox}
}

// Add keeps a new account, or finds the one that has its address.
func (s *Accounts) Add(ctx context.Context, a *account.Account) (id string, added bool, err error) {
	add := func(ctx context.Context, tx *gorm.DB) error {
		row := toRow(a.State())
		var known accountRow
		err := tx.Where("email = ?", row.Email).Take(&known).Error
		switch {
		case err == nil:
			// A known address costs a commit, as a new one does.
			id, added = known.ID, false
			return tx.Model(&known).Update("registered_again_at", row.RegisteredAt).Error
		case !errors.Is(err, gorm.ErrRecordNotFound):
			return err
		}
		id, added = row.ID, true
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return s.announce(ctx, a)
	}
	err = s.db.Do(ctx, add)
	if errors.Is(err, gorm.ErrDuplicatedKey) { // somebody else was a moment faster, and is found now
		err = s.db.Do(ctx, add)
	}
	return id, added, err
}

// Update loads an account, lets change act on it, and saves the outcome with its events. Where the
// password changed or the account was closed, its sessions end.
func (s *Accounts) Update(ctx context.Context, id string, change func(*account.Account) error) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		before, err := take(tx.Clauses(clause.Locking{Strength: "UPDATE"}), "id = ?", id)
		if err != nil {
			return err
		}
		a := account.Restore(before.state())
		if err := change(a); err != nil {
			return err
		}
		after := toRow(a.State())
		after.RegisteredAgainAt = before.RegisteredAgainAt
		if err := tx.Select("*").Updates(&after).Error; err != nil {
			return err
		}
		if before.PasswordHash != after.PasswordHash || after.ClosedAt != nil {
			if err := tx.Where("account_id = ?", id).Delete(&familyRow{}).Error; err != nil {
				return err
			}
		}
		return s.announce(ctx, a)
	})
}

// Find returns an account.
func (s *Accounts) Find(ctx context.Context, id string) (account.State, error) {
	return s.find(ctx, "id = ?", id)
}

// FindByEmail returns the open account with an address.
func (s *Accounts) FindByEmail(ctx context.Context, email string) (account.State, error) {
	return s.find(ctx, "email = ?", email)
}

// FindStaff returns the staff account that was registered first.
func (s *Accounts) FindStaff(ctx context.Context) (account.State, error) {
	return s.find(ctx, "is_staff = ?", true)
}

// List returns up to limit open accounts registered after the one with the id after, oldest first.
func (s *Accounts) List(ctx context.Context, after string, limit int) (states []account.State, err error) {
	err = s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		var rows []accountRow
		err := tx.Where("id > ? AND closed_at IS NULL", after).Order("id").Limit(limit).Find(&rows).Error
		states = nil
		for _, row := range rows {
			states = append(states, row.state())
		}
		return err
	})
	return states, err
}

// Known returns the subset of ids that are open accounts.
func (s *Accounts) Known(ctx context.Context, ids []string) (map[string]bool, error) {
	known := map[string]bool{}
	err := s.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		for part := range chunks(ids) {
			var found []string
			if err := tx.Model(&accountRow{}).Where("id IN ? AND closed_at IS NULL", part).Pluck("id", &found).Error; err != nil {
				return err
			}
			for _, id := range found {
				known[id] = true
			}
		}
		return nil
	})
	return known, err
}

func (s *Accounts) find(ctx context.Context, condition string, value any) (state account.State, err error) {
	err = s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		row, err := take(tx.Order("id"), condition, value)
		state = row.state()
		return err
	})
	if err != nil {
		return account.State{}, err
	}
	return state, nil
}

func (s *Accounts) announce(ctx context.Context, a *account.Account) error {
	for _, event := range a.Events() {
		if err := s.outbox.Add(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

func take(tx *gorm.DB, condition string, value any) (row accountRow, err error) {
	err = tx.Where(condition, value).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = fault.New(fault.NotFound, "there is no such account")
	}
	return row, err
}

func toRow(s account.State) accountRow {
	row := accountRow{
		ID: s.ID, Name: s.Name, PasswordHash: s.PasswordHash,
		IsStaff: s.Is(auth.RoleStaff), IsOperator: s.Is(auth.RoleOperator),
		RegisteredAt: s.RegisteredAt.UnixMicro(), ClosedAt: toMicros(s.ClosedAt),
	}
	if s.Email != "" {
		row.Email = &s.Email
	}
	return row
}

func (r accountRow) state() account.State {
	s := account.State{
		ID: r.ID, Name: r.Name, PasswordHash: r.PasswordHash,
		RegisteredAt: time.UnixMicro(r.RegisteredAt).UTC(), ClosedAt: fromMicros(r.ClosedAt),
	}
	if r.Email != nil {
		s.Email = *r.Email
	}
	switch {
	case r.IsStaff && r.IsOperator:
		s.Roles = []string{auth.RoleStaff, auth.RoleOperator}
	case r.IsStaff:
		s.Roles = []string{auth.RoleStaff}
	default:
		s.Roles = []string{auth.RoleCustomer}
	}
	return s
}
