package database

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mysqlPorter carries tables to and from a database on MySQL or MariaDB.
type mysqlPorter struct{}

// serializable is the isolation in which what was read cannot be changed by others before the transaction ends: the
// only way to hold a table here that takes no more rights than reading it.
const serializable isolation = "SERIALIZABLE"

func (mysqlPorter) quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func (mysqlPorter) bind(int) string { return "?" }

func (mysqlPorter) loose() bool { return true }

func (mysqlPorter) columns() string {
	return `SELECT c.table_name, c.column_name, c.data_type, COALESCE(k.ordinal_position, 0), c.extra LIKE '%auto_increment%'
		FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name
			AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
		WHERE c.table_schema = DATABASE()`
}

func (mysqlPorter) references() string {
	return "SELECT table_name, referenced_table_name FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()"
}

func (mysqlPorter) kindOf(declared string) kind {
	switch declared {
	case "bigint", "int", "mediumint", "smallint", "tinyint":
		return integer
	case "varchar", "char", "tinytext", "text", "mediumtext", "longtext":
		return text
	case "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return blob
	}
	return unknown
}

func (mysqlPorter) ready(ctx context.Context, conn *sql.Conn) error {
	// A row may have the number 0, and is not to be given another one.
	err := run(ctx, conn, "SET SESSION wait_timeout = 28800, SESSION net_write_timeout = 3600, SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
	if err != nil {
		return err
	}
	return soleMover(ctx, conn, "SELECT GET_LOCK(CONCAT('pangaea moves ', MD5(DATABASE())), 0)")
}

func (mysqlPorter) hold(context.Context, *sql.Tx, []table) error { return nil } // what it reads is held

func (p mysqlPorter) insert(t table) string { return into(p, t) }

// clear empties them without a lock for every row.
func (p mysqlPorter) clear(ctx context.Context, conn *sql.Conn, tables []table) error {
	statements := []string{"SET SESSION foreign_key_checks = 0"}
	for _, t := range tables {
		statements = append(statements, "TRUNCATE TABLE "+p.quote(t.name))
	}
	return run(ctx, conn, append(statements, "SET SESSION foreign_key_checks = 1")...)
}

var nextNumber = regexp.MustCompile(` AUTO_INCREMENT=(\d+)`)

// counted asks for the statement that would create the table: what else tells the next number may be a day old.
func (p mysqlPorter) counted(ctx context.Context, db querier, t table) (int64, error) {
	var name, statement string
	if err := db.QueryRowContext(ctx, "SHOW CREATE TABLE "+p.quote(t.name)).Scan(&name, &statement); err != nil {
		return 0, err
	}
	next := nextNumber.FindStringSubmatch(statement[strings.LastIndex(statement, ")"):])
	if next == nil {
		return 0, nil
	}
	n, err := strconv.ParseInt(next[1], 10, 64)
	return n - 1, err
}

func (p mysqlPorter) countOn(ctx context.Context, to execer, t table, last int64) error {
	return run(ctx, to, fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %d", p.quote(t.name), last+1))
}

func (mysqlPorter) shut(context.Context, *sql.Tx, []table) error { return nil } // it would take a right that nobody has

func (mysqlPorter) open(context.Context, *sql.Conn) error { return nil }
