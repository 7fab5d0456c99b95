package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/golang-migrate/migrate/v4"
	migratesqlite "github.com/golang-migrate/migrate/v4/database/sqlite"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"

	platformsql "github.com/pangaea-shop/pangaea/migrations/platform"
)

// A schema is a line of migrations and where a database keeps how far it is.
type schema struct {
	what  string
	table string
	files fs.FS
}

func schemas(module fs.FS) []schema {
	list := []schema{{"the platform's tables", "platform_migrations", platformsql.Files}}
	if module != nil {
		list = append(list, schema{"the module's tables", "schema_migrations", module})
	}
	return list
}

// migrateSQLite brings the file's schema up to date: all migrations in one transaction, so that a failure
// or a kill leaves what was there. A schema that is current costs two small queries.
func migrateSQLite(ctx context.Context, path string, current *sql.DB, module fs.FS) error {
	pending := false
	for _, s := range schemas(module) {
		behind, err := s.behind(ctx, current)
		if err != nil {
			return err
		}
		pending = pending || behind
	}
	if !pending {
		return nil
	}
	db, err := handle(path, 1, writes, true)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // rolls back what was not committed
	for _, s := range schemas(module) {
		if err := s.upgrade(db); err != nil {
			return fmt.Errorf("migrate %s: %w", s.what, err)
		}
	}
	_, err = db.ExecContext(ctx, "COMMIT")
	return err
}

// upgrade runs the missing migrations. Its transactions are parts of the one that db is in.
func (s schema) upgrade(db *sql.DB) error {
	files, err := iofs.New(s.files, "sqlite")
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }()
	target, err := migratesqlite.WithInstance(db, &migratesqlite.Config{MigrationsTable: s.table})
	if err != nil {
		return err
	}
	m, err := migrate.NewWithInstance("iofs", files, "sqlite", target) // its Close would close db
	if err != nil {
		return err
	}
	if err := m.Up(); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return err
	}
	return nil
}

// newest is the version of the last migration.
func (s schema) newest() (uint, error) {
	entries, err := fs.ReadDir(s.files, "sqlite")
	if err != nil {
		return 0, fmt.Errorf("migrations of %s: %w", s.what, err)
	}
	var newest uint
	for _, e := range entries {
		if m, err := source.DefaultParse(e.Name()); err == nil {
			newest = max(newest, m.Version)
		}
	}
	return newest, nil
}

// behind reports whether migrations are missing. A schema that we do not know is an error.
func (s schema) behind(ctx context.Context, db *sql.DB) (bool, error) {
	newest, err := s.newest()
	if err != nil {
		return false, err
	}
	var version uint
	var dirty bool
	err = db.QueryRowContext(ctx, "SELECT version, dirty FROM "+s.table).Scan(&version, &dirty)
	switch {
	case errors.Is(err, sql.ErrNoRows), noTable(err):
		return newest > 0, nil
	case err != nil:
		return false, fmt.Errorf("read the version of %s: %w", s.what, err)
	case dirty:
		return false, fmt.Errorf("migration %d of %s was interrupted: repair the schema by hand, then clear dirty in %s", version, s.what, s.table)
	case version > newest:
		return false, fmt.Errorf("%s have version %d, this program knows up to %d: start the newer program", s.what, version, newest)
	}
	return version < newest, nil
}
