package database

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// postgresPorter carries tables to and from a schema on PostgreSQL.
type postgresPorter struct{}

func (postgresPorter) quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func (postgresPorter) bind(n int) string { return "$" + strconv.Itoa(n) }

func (postgresPorter) loose() bool { return false }

const postgresTables = "c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p')"

func (postgresPorter) columns() string {
	return `SELECT c.relname, a.attname, format_type(a.atttypid, NULL), COALESCE(array_position(k.conkey, a.attnum), 0),
			pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' WHERE ` + postgresTables
}

func (postgresPorter) references() string {
	return `SELECT c.relname, r.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
		WHERE k.contype = 'f' AND ` + postgresTables
}

func (postgresPorter) kindOf(declared string) kind {
	switch declared {
	case "bigint", "integer", "smallint":
		return integer
	case "boolean":
		return boolean
	case "text", "character varying":
		return text
	case "bytea":
		return blob
	}
	return unknown
}

func (postgresPorter) ready(ctx context.Context, conn *sql.Conn) error {
	if err := run(ctx, conn, "SET idle_in_transaction_session_timeout = 0", "SET statement_timeout = 0"); err != nil {
		return err
	}
	return soleMover(ctx, conn, "SELECT pg_try_advisory_lock(hashtext('pangaea moves ' || current_setting('search_path')))::int")
}

func (p postgresPorter) hold(ctx context.Context, tx *sql.Tx, tables []table) error {
	if len(tables) == 0 {
		return nil
	}
	return run(ctx, tx, "LOCK TABLE "+p.list(tables)+" IN EXCLUSIVE MODE")
}

func (p postgresPorter) insert(t table) string {
	if t.counter() != "" {
		return into(p, t) + " OVERRIDING SYSTEM VALUE"
	}
	return into(p, t)
}

func (p postgresPorter) clear(ctx context.Context, conn *sql.Conn, tables []table) error {
	if len(tables) == 0 {
		return nil
	}
	return run(ctx, conn, "TRUNCATE "+p.list(tables))
}

// sequence finds what numbers the rows of a table.
func (p postgresPorter) sequence(t table) string {
	return "pg_get_serial_sequence('" + strings.ReplaceAll(p.quote(t.name), "'", "''") + "', '" + strings.ReplaceAll(t.counter(), "'", "''") + "')"
}

func (p postgresPorter) counted(ctx context.Context, db querier, t table) (last int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT COALESCE(pg_sequence_last_value("+p.sequence(t)+"::regclass), 0)").Scan(&last)
	return last, err
}

func (p postgresPorter) countOn(ctx context.Context, to execer, t table, last int64) error {
	_, err := to.ExecContext(ctx, "SELECT setval("+p.sequence(t)+"::regclass, $1)", last)
	return err
}

// shut has the tables themselves refuse, whoever asks: a process that slept through the move may wake up and write. It
// takes the owner of the tables.
func (p postgresPorter) shut(ctx context.Context, tx *sql.Tx, tables []table) error {
	var may bool
	err := tx.QueryRowContext(ctx, "SELECT has_schema_privilege(current_schema(), 'CREATE') AND NOT EXISTS (SELECT 1 FROM pg_class c WHERE "+
		postgresTables+" AND NOT pg_has_role(c.relowner, 'USAGE'))").Scan(&may)
	if err != nil || !may {
		return err
	}
	statements := []string{`CREATE OR REPLACE FUNCTION has_moved() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE read_only_sql_transaction USING MESSAGE = 'the module has moved from here'; END $$`}
	for _, t := range tables {
		statements = append(statements, "CREATE TRIGGER has_moved BEFORE INSERT OR UPDATE OR DELETE ON "+p.quote(t.name)+" EXECUTE FUNCTION has_moved()")
	}
	return run(ctx, tx, statements...)
}

func (postgresPorter) open(ctx context.Context, conn *sql.Conn) error {
	return run(ctx, conn, "DROP FUNCTION IF EXISTS has_moved() CASCADE")
}

func (p postgresPorter) list(tables []table) string {
	var quoted []string
	for _, t := range tables {
		quoted = append(quoted, p.quote(t.name))
	}
	return strings.Join(quoted, ", ")
}
