package database

import (
	"context"

	"gorm.io/gorm"
)

// Heir is the instance for rows that we write and leave to others to work on: of the others the one that
// was alive last, which works on them at once. Where we are alone it is us, and whoever comes takes over.
func (db *DB) Heir(ctx context.Context) (string, error) {
	own := db.Instance()
	if own == "" {
		return own, nil
	}
	heir := []string{own}
	err := db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		err := tx.Model(&instanceRow{}).Where("id <> ? AND alive_until > 0", own).
			Order("alive_until DESC").Limit(1).Pluck("id", &heir).Error
		heir = append(heir, own)
		return err
	})
	return heir[0], err
}
