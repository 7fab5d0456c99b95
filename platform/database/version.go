package database

import (
	"context"

	"gorm.io/gorm"
)

// Version is the last migration that the module's schema has.
func (db *DB) Version(ctx context.Context) (version uint, err error) {
	err = db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("schema_migrations").Select("version").Take(&version).Error
	})
	return version, err
}
