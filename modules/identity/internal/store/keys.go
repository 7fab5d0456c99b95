package store

import (
	"context"
	"crypto/ed25519"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/signing"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/guard"
)

// keyRow is a signing key as the database sees it.
type keyRow struct {
	ID         string `gorm:"column:id;primaryKey"`
	PrivateKey []byte `gorm:"column:private_key"`
	SignsFrom  int64  `gorm:"column:signs_from"`
	SignsUntil int64  `gorm:"column:signs_until"`
}

// TableName is the table of signing keys.
func (keyRow) TableName() string { return "signing_keys" }

// Keys keeps signing keys.
type Keys struct {
	db    *database.DB
	guard *guard.Guard
}

// NewKeys returns the keys in db.
func NewKeys(db *database.DB) *Keys { return &Keys{db: db, guard: guard.New(db)} }

// Ring returns the keys there are, the first to sign first.
func (s *Keys) Ring(ctx context.Context) (ring signing.Ring, err error) {
	err = s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		var rows []keyRow
		err := tx.Order("signs_from").Find(&rows).Error
		ring = nil
		for _, row := range rows {
			ring = append(ring, signing.Key{
				ID: row.ID, Private: ed25519.PrivateKey(row.PrivateKey),
				SignsFrom: time.UnixMicro(row.SignsFrom).UTC(), SignsUntil: time.UnixMicro(row.SignsUntil).UTC(),
			})
		}
		return err
	})
	return ring, err
}

// Add keeps a key, unless there is one by now that signs when it is needed, and drops the keys that
// stopped signing before drop. Of several processes that find a key missing one has its own kept.
func (s *Keys) Add(ctx context.Context, k signing.Key, needed, drop time.Time) error {
	return s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := s.guard.Alone(ctx, "signing keys"); err != nil {
			return err
		}
		if err := tx.Where("signs_until < ?", drop.UnixMicro()).Delete(&keyRow{}).Error; err != nil {
			return err
		}
		at, others := needed.UnixMicro(), int64(0)
		err := tx.Model(&keyRow{}).Where("signs_from <= ? AND signs_until > ?", at, at).Count(&others).Error
		if err != nil || others > 0 {
			return err
		}
		row := keyRow{ID: k.ID, PrivateKey: k.Private, SignsFrom: k.SignsFrom.UnixMicro(), SignsUntil: k.SignsUntil.UnixMicro()}
		return tx.Create(&row).Error
	})
}
