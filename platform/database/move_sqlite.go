package database

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// sqlitePorter carries tables to and from an embedded file. Whoever has it open in a transaction that writes
// keeps everybody else from writing.
type sqlitePorter struct{}

func (sqlitePorter) quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (sqlitePorter) bind(int) string { return "?" }

func (sqlitePorter) loose() bool { return false }

func (sqlitePorter) columns() string {
	return `SELECT t.name, c.name, c.type, c.pk, c.pk = 1 AND upper(t.sql) LIKE '%AUTOINCREMENT%'
		FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!'`
}

func (sqlitePorter) references() string {
	return `SELECT t.name, f."table" FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'`
}

// kindOf follows the engine: https://www.sqlite.org/datatype3.html#determination_of_column_affinity
func (sqlitePorter) kindOf(declared string) kind {
	switch {
	case strings.Contains(declared, "int"):
		return integer
	case strings.Contains(declared, "char"), strings.Contains(declared, "text"):
		return text
	case strings.Contains(declared, "blob"):
		return blob
	case declared == "boolean":
		return boolean
	}
	return unknown
}

func (sqlitePorter) ready(context.Context, *sql.Conn) error { return nil }

func (sqlitePorter) hold(context.Context, *sql.Tx, []table) error { return nil } // it began with that

func (p sqlitePorter) insert(t table) string { return into(p, t) }

func (p sqlitePorter) clear(ctx context.Context, conn *sql.Conn, tables []table) error {
	for _, t := range slices.Backward(tables) {
		if err := run(ctx, conn, "DELETE FROM "+p.quote(t.name)); err != nil {
			return err
		}
	}
	return nil
}

func (p sqlitePorter) counted(ctx context.Context, db querier, t table) (last int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT seq FROM sqlite_sequence WHERE name = ?", t.name).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return last, err
}

func (p sqlitePorter) countOn(ctx context.Context, to execer, t table, last int64) error {
	if _, err := to.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = ?", t.name); err != nil {
		return err
	}
	_, err := to.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", t.name, last)
	return err
}

func (sqlitePorter) shut(context.Context, *sql.Tx, []table) error { return nil } // nobody else has it open

func (sqlitePorter) open(context.Context, *sql.Conn) error { return nil }
