package databasetest

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // so that sql.Open knows it
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// Server returns the URL of a database that all modules of a test share, as PANGAEA_DATABASE_URL would. It
// goes with the test, with everything whose name begins with its name.
func Server(t testing.TB, kind database.Dialect) string {
	t.Helper()
	if kind == database.MySQL {
		return mysqlServer(t, newName())
	}
	return postgresServer(t, newName())
}

func newName() string { return "pangaea_t_" + strings.ToLower(rand.Text()[:10]) }

func postgresServer(t testing.TB, name string) string {
	admin := PostgresURL()
	exec := open(t, database.Postgres, admin)
	exec("CREATE DATABASE " + name)
	t.Cleanup(func() { exec("DROP DATABASE " + name + " WITH (FORCE)") })
	return withPath(t, admin, name)
}

// postgresSchemas are places in schemas of the administrator's own database: a database for each test would cost
// more than most tests do.
func postgresSchemas(t testing.TB) database.Places {
	admin, name := PostgresURL(), newName()
	exec := open(t, database.Postgres, admin)
	t.Cleanup(func() {
		for _, there := range exec("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '" + name + "')") {
			exec("DROP SCHEMA " + there + " CASCADE")
		}
	})
	return func(module string) (database.Options, error) {
		u, err := url.Parse(admin)
		if err != nil {
			return database.Options{}, err
		}
		query := u.Query()
		query.Set("search_path", name+"_"+database.Schema(module))
		u.RawQuery = query.Encode()
		return database.Options{URL: u.String()}, nil
	}
}

func mysqlServer(t testing.TB, name string) string {
	admin := MySQLURL()
	exec := open(t, database.MySQL, admin)
	t.Cleanup(func() {
		for _, there := range exec("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '" + strings.ReplaceAll(name, "_", `\_`) + "%'") {
			exec("DROP DATABASE `" + there + "`")
		}
	})
	return withPath(t, admin, name)
}

// Copy returns the URL of a copy of the database at address, which nobody has open. On MySQL it is of one
// schema alone.
func Copy(t testing.TB, kind database.Dialect, address, schema string) string {
	t.Helper()
	if kind == database.Postgres {
		name := newName()
		exec := open(t, database.Postgres, PostgresURL())
		exec("CREATE DATABASE " + name + " TEMPLATE " + pathOf(t, address))
		t.Cleanup(func() { exec("DROP DATABASE " + name + " WITH (FORCE)") })
		return withPath(t, address, name)
	}
	copied := mysqlServer(t, newName())
	from, to := pathOf(t, address)+"_"+schema, pathOf(t, copied)+"_"+schema
	db := Connect(t, kind, address)
	exec := func(statement string) {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
	exec("CREATE DATABASE " + to)
	var tables []string
	rows, err := db.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = ?", from)
	require.NoError(t, err)
	for rows.Next() {
		var table string
		require.NoError(t, rows.Scan(&table))
		tables = append(tables, table)
	}
	require.NoError(t, rows.Err())
	for _, table := range tables {
		exec("CREATE TABLE " + to + "." + table + " LIKE " + from + "." + table)
		exec("INSERT INTO " + to + "." + table + " SELECT * FROM " + from + "." + table)
	}
	return copied
}

// PostgresURL is where an administrator of the PostgreSQL for tests signs in.
func PostgresURL() string {
	return cmp.Or(os.Getenv("PANGAEA_TEST_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")
}

// MySQLURL is where an administrator of the MySQL or MariaDB for tests signs in.
func MySQLURL() string {
	return cmp.Or(os.Getenv("PANGAEA_TEST_MYSQL_URL"), "mysql://root@127.0.0.1:3306/")
}

// Ping reports whether the server of a kind for tests can be reached.
func Ping(ctx context.Context, kind database.Dialect) error {
	address := PostgresURL()
	if kind == database.MySQL {
		address = MySQLURL()
	}
	db, err := connect(kind, address)
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}

// Connect signs in to a server beside what is tested, as who the URL says: on PostgreSQL to the database that
// it names, on MySQL to none.
func Connect(t testing.TB, kind database.Dialect, address string) *sql.DB {
	t.Helper()
	db, err := connect(kind, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func connect(kind database.Dialect, address string) (*sql.DB, error) {
	if kind == database.Postgres {
		return sql.Open("pgx", address)
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.MultiStatements, c.Logger = "tcp", u.Host, u.User.Username(), true, &mysql.NopLogger{}
	c.Passwd, _ = u.User.Password()
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// open returns what runs a statement on a server and returns its rows' first column.
func open(t testing.TB, kind database.Dialect, address string) func(statement string) []string {
	t.Helper()
	return func(statement string) (list []string) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // t.Context has ended in a cleanup
		defer cancel()
		db, err := connect(kind, address)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		rows, err := db.QueryContext(ctx, statement)
		require.NoError(t, err, "the database server for tests")
		defer func() { require.NoError(t, rows.Close()) }()
		for rows.Next() {
			var value string
			require.NoError(t, rows.Scan(&value))
			list = append(list, value)
		}
		require.NoError(t, rows.Err(), statement)
		return list
	}
}

func pathOf(t testing.TB, address string) string {
	u, err := url.Parse(address)
	require.NoError(t, err)
	return strings.Trim(u.Path, "/")
}

func withPath(t testing.TB, address, path string) string {
	u, err := url.Parse(address)
	require.NoError(t, err)
	u.Path = "/" + path
	return u.String()
}
