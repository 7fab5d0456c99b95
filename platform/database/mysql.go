package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// mysqlGrammar speaks to MySQL and MariaDB. A module's tables are in the database that its URL names.
type mysqlGrammar struct{}

// What every connection is set to, unless the URL says otherwise. A process that has stopped in the middle of a transaction loses its
// connection, and with it its locks.
var mysqlSettings = map[string]string{
	"time_zone":                "'+00:00'",
	"sql_mode":                 "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
	"innodb_lock_wait_timeout": "5",
	"wait_timeout":             "30",
}

// idleMySQL is when an unused connection is given back: before the server would end it.
const idleMySQL = 20 * time.Second

func (mysqlGrammar) config(address string) (*mysql.Config, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errMalformed
	}
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", u.Host
	if u.Port() == "" {
		c.Addr += ":3306"
	}
	if socket := u.Query().Get("socket"); socket != "" {
		c.Net, c.Addr = "unix", socket
	}
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	if c.DBName = strings.Trim(u.Path, "/"); c.DBName == "" {
		return nil, errors.New("the database URL names no database: it is like mysql://user:password@host:3306/pangaea_ordering")
	}
	c.Timeout, c.DialFunc = 5*time.Second, dialer.DialContext
	c.Collation = "utf8mb4_bin"
	c.Params = map[string]string{}
	for key, value := range mysqlSettings {
		c.Params[key] = value
	}
	for key, values := range u.Query() {
		switch key {
		case "socket":
		case "tls":
			c.TLSConfig = values[0]
		default:
			c.Params[key] = values[0]
		}
	}
	return c, nil
}

func (g mysqlGrammar) connect(address, name string, size int, level isolation) (*sql.DB, error) {
	c, err := g.config(address)
	if err != nil {
		return nil, err
	}
	c.ConnectionAttributes = "program_name:pangaea " + name
	db, err := openMySQL(c, level)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(idleMySQL)
	return db, nil
}

func openMySQL(c *mysql.Config, level isolation) (*sql.DB, error) {
	c.InterpolateParams = true    // one round trip for a statement instead of three
	c.Logger = &mysql.NopLogger{} // what it would say is in the errors
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("the database URL cannot be used: %w", err)
	}
	return sql.OpenDB(isolated{connector, level}), nil
}

// isolated opens connections whose transactions have a level of isolation, which no parameter can say in a
// way that both MySQL and MariaDB understand.
type isolated struct {
	driver.Connector
	level isolation
}

// Connect opens a connection.
func (c isolated) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err = conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL "+string(c.level), nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (g mysqlGrammar) migrating(ctx context.Context, address, _ string) (statementRunner, func(error) error, error) {
	c, err := g.config(address)
	if err != nil {
		return nil, nil, err
	}
	if err := createMySQL(ctx, *c); err != nil {
		return nil, nil, err
	}
	c.MultiStatements = true
	db, err := openMySQL(c, readCommitted)
	if err != nil {
		return nil, nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	end := func(failed error) error { return errors.Join(failed, conn.Close(), db.Close()) } // the lock goes with the connection
	var got int
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('pangaea migrates ', MD5(DATABASE())), 60)").Scan(&got)
	if err == nil && got != 1 {
		err = errors.New("somebody else has been migrating for a minute")
	}
	if err != nil {
		return nil, nil, end(err)
	}
	return conn, end, nil
}

// createMySQL creates the database where it is missing and we may.
func createMySQL(ctx context.Context, c mysql.Config) error {
	name := c.DBName
	c.DBName = ""
	db, err := openMySQL(&c, readCommitted)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var there int
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?", name).Scan(&there)
	if err == nil && there == 0 {
		_, err = db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS `"+strings.ReplaceAll(name, "`", "``")+"` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	}
	return err
}

func (mysqlGrammar) settings(ctx context.Context, db *sql.DB) (warnings []string, err error) {
	var flush string
	err = db.QueryRowContext(ctx, "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit").Scan(&flush)
	if err == nil && flush != "1" {
		warnings = append(warnings, "innodb_flush_log_at_trx_commit = "+flush)
	}
	return warnings, err
}

func (mysqlGrammar) now() string { return "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)" }

func (mysqlGrammar) some(table *gorm.DB, n int, condition string, args ...any) *gorm.DB {
	return table.Where(condition, args...).Limit(n)
}

func (mysqlGrammar) speaker(db *sql.DB) gorm.Dialector {
	return gormmysql.New(gormmysql.Config{Conn: db, SkipInitializeWithVersion: true})
}

// Numbers of errors: https://mariadb.com/docs/server/reference/error-codes
const (
	mysqlTooManyConnections = 1040
	mysqlDBAccessDenied     = 1044
	mysqlAccessDenied       = 1045
	mysqlUnknownDatabase    = 1049
	mysqlShutdown           = 1053
	mysqlTableFull          = 1114
	mysqlTableDenied        = 1142
	mysqlColumnDenied       = 1143
	mysqlNoTable            = 1146
	mysqlTooManyOfUser      = 1203
	mysqlLockWaitTimeout    = 1205
	mysqlDeadlock           = 1213
	mysqlNoSavepoint        = 1305
	mysqlUserLimit          = 1226
	mysqlReadOnly           = 1290
	mysqlConnectionKilled   = 1927
	mysqlDiskFull           = 1021
)

func (mysqlGrammar) classify(err error) class {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		if errors.Is(err, mysql.ErrInvalidConn) {
			return away
		}
		return unreachable(err)
	}
	switch e.Number {
	case mysqlDeadlock, mysqlLockWaitTimeout, mysqlNoSavepoint:
		return collision
	case mysqlUnknownDatabase:
		return missing
	case mysqlDBAccessDenied, mysqlAccessDenied, mysqlTableDenied, mysqlColumnDenied:
		return refused
	case mysqlTableFull, mysqlDiskFull:
		return full
	case mysqlTooManyConnections, mysqlTooManyOfUser, mysqlUserLimit, mysqlShutdown, mysqlReadOnly, mysqlConnectionKilled:
		return away
	}
	return ordinary
}

func noMySQLTable(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && e.Number == mysqlNoTable
}
