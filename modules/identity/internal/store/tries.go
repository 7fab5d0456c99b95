package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/guard"
)

// tryRow is one try of a password as the database sees it.
type tryRow struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountKey string `gorm:"column:account_key"`
	NetworkKey string `gorm:"column:network_key"`
	TriedAt    int64  `gorm:"column:tried_at"`
}

// TableName is the table of password tries.
func (tryRow) TableName() string { return "password_tries" }

// Tries keeps the tries of passwords.
type Tries struct {
	db    *database.DB
	guard *guard.Guard
}

// NewTries returns the tries in db.
func NewTries(db *database.DB) *Tries { return &Tries{db: db, guard: guard.New(db)} }

// Add keeps the try unless a limit is reached, and drops those that no limit looks at any more. Tries of
// one network, and of one account, are counted one after the other.
func (s *Tries) Add(ctx context.Context, try throttle.Try, limits throttle.Limits) (wait time.Duration, err error) {
	err = s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.guard.Alone(ctx, "tries from "+try.Network, "tries of "+try.Account); err != nil {
			return err
		}
		longest := max(limits.Account.Within, limits.Network.Within)
		if err := discard[tryRow](tx, "tried_at <= ?", try.At.Add(-longest)); err != nil {
			return err
		}
		byAccount, err := reached(tx.Where("account_key = ?", try.Account), limits.Account, try.At)
		if err != nil {
			return err
		}
		byNetwork, err := reached(tx.Where("network_key = ?", try.Network), limits.Network, try.At)
		if err != nil {
			return err
		}
		if wait = max(byAccount, byNetwork); wait > 0 {
			return nil
		}
		return tx.Create(&tryRow{ID: try.ID, AccountKey: try.Account, NetworkKey: try.Network, TriedAt: try.At.UnixMicro()}).Error
	})
	return wait, err
}

// Withdraw forgets one try.
func (s *Tries) Withdraw(ctx context.Context, id string) error {
	return s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("id = ?", id).Delete(&tryRow{}).Error
	})
}

// Forgive forgets all tries of an account and address.
func (s *Tries) Forgive(ctx context.Context, account string) error {
	return s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("account_key = ?", account).Delete(&tryRow{}).Error
	})
}

// reached returns how long it takes until the limit lets one more through: until the try that is Most
// tries back is forgotten.
func reached(tx *gorm.DB, limit throttle.Limit, at time.Time) (time.Duration, error) {
	if limit.Most <= 0 {
		return 0, nil
	}
	var times []int64
	err := tx.Model(&tryRow{}).Where("tried_at > ?", at.Add(-limit.Within).UnixMicro()).
		Order("tried_at DESC").Offset(limit.Most-1).Limit(1).Pluck("tried_at", &times).Error
	if err != nil || len(times) == 0 {
		return 0, err
	}
	return max(time.Second, time.UnixMicro(times[0]).Add(limit.Within).Sub(at)), nil
}
