package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// familyRow is a refresh family as the database sees it.
type familyRow struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	Scope     string `gorm:"column:scope"`
	ChainKey  []byte `gorm:"column:chain_key"`
	LiveHash  string `gorm:"column:live_hash"`
	OpenedAt  int64  `gorm:"column:opened_at"`
	ExpiresAt int64  `gorm:"column:expires_at"`
	RevokedAt *int64 `gorm:"column:revoked_at"`
}

// TableName is the table of refresh families.
func (familyRow) TableName() string { return "refresh_families" }

// spentRow is a refresh token that was used.
type spentRow struct {
	Hash     string `gorm:"column:hash;primaryKey"`
	FamilyID string `gorm:"column:family_id"`
	SpentAt  int64  `gorm:"column:spent_at"`
}

// TableName is the table of spent refresh tokens.
func (spentRow) TableName() string { return "spent_tokens" }

// Families keeps refresh families.
type Families struct{ db *database.DB }

// NewFamilies returns the families in db.
func NewFamilies(db *database.DB) *Families { return &Families{db: db} }

// Start keeps a new family of an account whose password still has the hash that was matched, and drops
// those that expired. A password that was changed or an account that was closed meanwhile is
// session.BadCredentials.
func (s *Families) Start(ctx context.Context, f *session.Family, passwordHash string) error {
	state := f.State()
	return s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		// Locked, so that whoever changes the password next finds this session and ends it.
		account, err := take(tx.Clauses(clause.Locking{Strength: "UPDATE"}), "id = ?", state.AccountID)
		switch {
		case fault.Is(err, fault.NotFound), err == nil && account.PasswordHash != passwordHash:
			return session.BadCredentials()
		case err != nil:
			return err
		}
		if err := discard[familyRow](tx, "expires_at <= ?", state.OpenedAt); err != nil {
			return err
		}
		row := toFamilyRow(state)
		return tx.Create(&row).Error
	})
}

// Update loads the family that a token belongs to, with what is known about this token alone, lets
// change act on it, and saves the outcome.
func (s *Families) Update(ctx context.Context, tokenHash string, change func(*session.Family)) error {
	return s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		before, err := loadFamily(tx, tokenHash)
		if err != nil {
			return err
		}
		f := session.RestoreFamily(before)
		change(f)
		after := f.State()
		for _, spent := range after.Spent[len(before.Spent):] {
			if err := tx.Create(&spentRow{Hash: spent.Hash, FamilyID: after.ID, SpentAt: spent.At.UnixMicro()}).Error; err != nil {
				return err
			}
		}
		row := toFamilyRow(after)
		return tx.Select("*").Updates(&row).Error
	})
}

// loadFamily finds a family by its live token, or else by a spent one.
func loadFamily(tx *gorm.DB, tokenHash string) (session.FamilyState, error) {
	locked := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Session(&gorm.Session{}) // asked twice, each time anew
	var family familyRow
	err := locked.Where("live_hash = ?", tokenHash).Take(&family).Error
	if err == nil {
		return family.state(), nil
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return session.FamilyState{}, err
	}
	var spent spentRow
	if err = tx.Where("hash = ?", tokenHash).Take(&spent).Error; err == nil {
		err = locked.Where("id = ?", spent.FamilyID).Take(&family).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return session.FamilyState{}, fault.New(fault.NotFound, "there is no such refresh token")
	}
	return family.state(session.Spent{Hash: spent.Hash, At: time.UnixMicro(spent.SpentAt).UTC()}), err
}

func toFamilyRow(s session.FamilyState) familyRow {
	return familyRow{
		ID: s.ID, AccountID: s.AccountID, Scope: s.Scope, ChainKey: s.Key, LiveHash: s.Live,
		OpenedAt: s.OpenedAt.UnixMicro(), ExpiresAt: s.ExpiresAt.UnixMicro(), RevokedAt: toMicros(s.RevokedAt),
	}
}

func (r familyRow) state(spent ...session.Spent) session.FamilyState {
	return session.FamilyState{
		ID: r.ID, AccountID: r.AccountID, Scope: r.Scope, Key: r.ChainKey, Live: r.LiveHash, Spent: spent,
		OpenedAt: time.UnixMicro(r.OpenedAt).UTC(), ExpiresAt: time.UnixMicro(r.ExpiresAt).UTC(), RevokedAt: fromMicros(r.RevokedAt),
	}
}
