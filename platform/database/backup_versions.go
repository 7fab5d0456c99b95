package database

import (
	"context"

	"gorm.io/gorm"
)

// Versions are how far a database's schema is: the last migration of each kind.
type Versions struct {
	Module   uint `json:"schema"`   // of the module's own tables
	Platform uint `json:"platform"` // of the platform's tables beside them
}

// after reports whether v has a migration that a program does not know.
func (v Versions) after(known Versions) bool {
	return v.Module > known.Module || v.Platform > known.Platform
}

// Known are the databases that a program has, by their modules' names, and the schemas that it knows.
type Known map[string]Versions

// Versions are those that the database has.
func (db *DB) Versions(ctx context.Context) (v Versions, err error) {
	if v.Module, err = db.Version(ctx); err != nil {
		return v, err
	}
	err = db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("platform_migrations").Select("version").Take(&v.Platform).Error
	})
	return v, err
}
