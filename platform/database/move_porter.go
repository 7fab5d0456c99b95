package database

import (
	"context"
	"database/sql"
)

// A porter is what differs between the dialects where tables are moved, whatever they are. Its queries are of the
// schema that the connection is in.
type porter interface {
	quote(name string) string
	// bind stands for the n-th argument of a statement.
	bind(n int) string
	// loose reports whether the driver reads text as bytes.
	loose() bool
	// columns asks for table, column, type, place in the primary key or 0, and whether it numbers the rows.
	columns() string
	// references asks for tables and those that they refer to.
	references() string
	// kindOf is what a type holds.
	kindOf(declared string) kind
	// ready prepares a connection for work that takes long, and takes the lock of who moves.
	ready(ctx context.Context, conn *sql.Conn) error
	// hold keeps everybody from writing to the tables until tx ends.
	hold(ctx context.Context, tx *sql.Tx, tables []table) error
	// insert is the statement in front of VALUES.
	insert(t table) string
	// clear empties the tables.
	clear(ctx context.Context, conn *sql.Conn, tables []table) error
	// counted is the last number that a table has given out.
	counted(ctx context.Context, db querier, t table) (int64, error)
	// countOn has a table go on behind a number.
	countOn(ctx context.Context, to execer, t table, last int64) error
	// shut keeps those who have the old copy open from writing to it, where that is possible, and open lets them.
	shut(ctx context.Context, tx *sql.Tx, tables []table) error
	open(ctx context.Context, conn *sql.Conn) error
}

func porterOf(dialect Dialect) porter {
	switch dialect {
	case Postgres:
		return postgresPorter{}
	case MySQL:
		return mysqlPorter{}
	}
	return sqlitePorter{}
}

// into is the statement that inserts into a table, in front of VALUES.
func into(p porter, t table) string {
	columns := ""
	for i, c := range t.columns {
		if i > 0 {
			columns += ", "
		}
		columns += p.quote(c.name)
	}
	return "INSERT INTO " + p.quote(t.name) + " (" + columns + ")"
}

// run runs statements one after the other.
func run(ctx context.Context, to execer, statements ...string) error {
	for _, statement := range statements {
		if _, err := to.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
