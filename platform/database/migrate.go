package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"

	platformsql "github.com/pangaea-shop/pangaea/migrations/platform"
)

// A schema is a line of migrations and where a database keeps how far it is.
type schema struct {
	what    string
	table   string
	files   fs.FS
	dialect Dialect
}

func schemas(dialect Dialect, module fs.FS) []schema {
	list := []schema{{"the platform's tables", "platform_migrations", platformsql.Files, dialect}}
	if module != nil {
		list = append(list, schema{"the module's tables", "schema_migrations", module, dialect})
	}
	return list
}

// pending reports whether migrations are missing: two small queries. A schema that is newer than this
// program, or broken, is an error.
func pending(ctx context.Context, db querier, dialect Dialect, module fs.FS) (bool, error) {
	missing := false
	for _, s := range schemas(dialect, module) {
		behind, err := s.behind(ctx, db)
		if err != nil {
			return false, err
		}
		missing = missing || behind
	}
	return missing, nil
}

// migrateUp runs the missing migrations of the platform and of the module.
func migrateUp(ctx context.Context, to statementRunner, dialect Dialect, module fs.FS) error {
	for _, s := range schemas(dialect, module) {
		if err := s.upgrade(ctx, to); err != nil {
			return fmt.Errorf("migrate %s: %w", s.what, err)
		}
	}
	return nil
}

func (s schema) upgrade(ctx context.Context, to statementRunner) error {
	files, err := iofs.New(s.files, string(s.dialect))
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }()
	target := &ledger{ctx: ctx, to: to, table: s.table, repeatable: s.dialect == MySQL}
	if err := target.prepare(); err != nil {
		return err
	}
	m, err := migrate.NewWithInstance("iofs", files, string(s.dialect), target)
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
	entries, err := fs.ReadDir(s.files, string(s.dialect))
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
func (s schema) behind(ctx context.Context, db querier) (bool, error) {
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
	case dirty && s.dialect == MySQL && version <= newest:
		return true, nil
	case dirty:
		return false, fmt.Errorf("migration %d of %s was interrupted: repair the schema by hand, then clear dirty in %s", version, s.what, s.table)
	case version > newest:
		return false, fmt.Errorf("%s have version %d, this program knows up to %d: start the newer program", s.what, version, newest)
	}
	return version < newest, nil
}

// noTable reports whether a query asked for a table, a schema or a database that is not there.
func noTable(err error) bool {
	return noSQLiteTable(err) || noPostgresTable(err) || noMySQLTable(err)
}
