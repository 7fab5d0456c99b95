package stories

import (
	"database/sql"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// What somebody might try on a module's table. {schema}, {table}, {column}, {role} and {migrator} are the
// victim's, {own} is a table of whoever tries.
var trespasses = map[database.Dialect][]string{
	database.Postgres: {
		"SELECT * FROM {schema}.{table} LIMIT 1",
		"SELECT EXISTS (SELECT 1 FROM {own} WHERE EXISTS (SELECT 1 FROM {schema}.{table}))",
		"INSERT INTO {schema}.{table} DEFAULT VALUES",
		"UPDATE {schema}.{table} SET {column} = {column}",
		"DELETE FROM {schema}.{table}",
		"TRUNCATE {schema}.{table}",
		"DO $$ BEGIN LOCK TABLE {schema}.{table}; END $$",
		"COPY {schema}.{table} TO STDOUT",
		"DROP TABLE {schema}.{table}",
		"ALTER TABLE {schema}.{table} ADD COLUMN mine integer",
		"CREATE INDEX mine ON {schema}.{table} ({column})",
		"CREATE TABLE {schema}.mine (id integer)",
		"CREATE FUNCTION {schema}.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
		"DROP SCHEMA {schema} CASCADE",
		"ALTER SCHEMA {schema} RENAME TO mine",
		"GRANT ALL ON SCHEMA {schema} TO CURRENT_USER",
		"GRANT ALL ON {schema}.{table} TO CURRENT_USER",
		"GRANT {role} TO CURRENT_USER",
		"SET ROLE {role}",
		"SET ROLE {migrator}",
		"SET SESSION AUTHORIZATION {role}",
		"SET SESSION AUTHORIZATION {migrator}",
		"ALTER ROLE {role} PASSWORD 'mine'",
		"DROP ROLE {role}",
		"ALTER DEFAULT PRIVILEGES FOR ROLE {migrator} GRANT ALL ON TABLES TO PUBLIC",
		"SET search_path = {schema}; SELECT * FROM {table}",
		"SET search_path = {schema}; CREATE TABLE mine (id integer)",
		"DO $$ BEGIN DELETE FROM {schema}.{table}; END $$",
	},
	database.MySQL: {
		"SELECT * FROM {schema}.{table} LIMIT 1",
		"SELECT EXISTS (SELECT 1 FROM {own} WHERE EXISTS (SELECT 1 FROM {schema}.{table}))",
		"INSERT INTO {schema}.{table} () VALUES ()",
		"INSERT INTO {own} SELECT * FROM {schema}.{table}",
		"REPLACE INTO {schema}.{table} SELECT * FROM {own}",
		"UPDATE {schema}.{table} SET {column} = {column}",
		"DELETE FROM {schema}.{table}",
		"TRUNCATE TABLE {schema}.{table}",
		"LOCK TABLES {schema}.{table} READ",
		"DROP TABLE {schema}.{table}",
		"ALTER TABLE {schema}.{table} ADD COLUMN mine INT",
		"RENAME TABLE {schema}.{table} TO {schema}.mine",
		"CREATE INDEX mine ON {schema}.{table} ({column})",
		"CREATE TABLE {schema}.mine (id INT)",
		"CREATE TABLE {schema}.mine LIKE {own}",
		"CREATE VIEW {schema}.mine AS SELECT 1",
		"SHOW CREATE TABLE {schema}.{table}",
		"SHOW TABLES FROM {schema}",
		"DROP DATABASE {schema}",
		"USE {schema}",
		"GRANT ALL ON {schema}.* TO CURRENT_USER",
		"SET ROLE {role}",
		"SET PASSWORD FOR {role} = PASSWORD('mine')",
		"DROP USER {role}",
		"LOAD DATA INFILE '/etc/passwd' INTO TABLE {schema}.{table}",
	},
}

// What nobody may do at all.
var forbidden = map[database.Dialect][]string{
	database.Postgres: {
		"CREATE TABLE public.mine (id integer)",
		"CREATE TEMPORARY TABLE mine (id integer)",
		"CREATE SCHEMA mine",
		"CREATE DATABASE pangaea_t_mine",
		"CREATE ROLE mine",
		"CREATE EXTENSION file_fdw",
		"SELECT pg_read_file('/etc/passwd')",
		"SELECT lo_import('/etc/passwd')",
		"COPY (SELECT 1) TO PROGRAM 'true'",
		"COPY (SELECT 1) TO '/tmp/mine'",
		"ALTER SYSTEM SET fsync = off",
		"SELECT * FROM pg_authid",
		"SET SESSION AUTHORIZATION postgres",
		"SET ROLE pg_read_all_data",
	},
	database.MySQL: {
		"CREATE DATABASE pangaea_t_mine",
		"CREATE USER mine",
		"SELECT * FROM mysql.user",
		"SELECT 1 INTO OUTFILE '/tmp/mine'",
		"LOAD DATA INFILE '/etc/passwd' INTO TABLE {own}",
		"SET GLOBAL read_only = 1",
		"CREATE TEMPORARY TABLE {schema}.mine (id INT)",
		"CREATE FUNCTION {schema}.mine() RETURNS INT RETURN 1",
		"CREATE TRIGGER {schema}.mine BEFORE INSERT ON {own} FOR EACH ROW SET @x = 1",
	},
}

// trespass tries everything as every module on every other, as it runs and as it migrates.
func (p *prepared) trespass(t *testing.T) {
	before := p.digests(t)
	tried := 0
	for thief, address := range p.running {
		for who, signedIn := range map[string]string{"as it runs": address, "as it migrates": p.migrate[thief]} {
			db := p.connect(t, signedIn)
			for victim := range p.running {
				if victim == thief {
					continue
				}
				for _, statement := range trespasses[p.kind] {
					statement = p.about(statement, thief, victim)
					requireDenied(t, db, statement, thief+" "+who)
					tried++
				}
				require.Empty(t, p.seen(t, db, victim), "%s %s sees %s", thief, who, victim)
			}
			for _, statement := range forbidden[p.kind] {
				requireDenied(t, db, p.about(statement, thief, thief), thief+" "+who)
			}
		}
	}
	require.Equal(t, len(p.running)*(len(p.running)-1)*2*len(trespasses[p.kind]), tried)
	require.Equal(t, before, p.digests(t))
}

// home tries what a running module can do to its own tables.
func (p *prepared) home(t *testing.T) {
	before := p.digests(t)
	for module, address := range p.running {
		db := p.connect(t, address)
		for _, statement := range []string{
			"SELECT COUNT(*) FROM {own}", "UPDATE {own} SET {column} = {column}",
			"INSERT INTO {own} SELECT * FROM {own} WHERE 1 = 0", "DELETE FROM {own} WHERE 1 = 0",
		} {
			_, err := db.Exec(p.about(statement, module, module))
			require.NoError(t, err, "%s: %s", module, statement)
		}
		for _, statement := range []string{
			"CREATE TABLE {schema}.mine (id integer)", "ALTER TABLE {own} ADD COLUMN mine integer", "DROP TABLE {own}",
			"TRUNCATE TABLE {own}", "CREATE INDEX mine ON {own} ({column})", "CREATE VIEW {schema}.mine AS SELECT 1",
		} {
			requireDenied(t, db, p.about(statement, module, module), module)
		}
		migrator := p.connect(t, p.migrate[module])
		for _, statement := range []string{"CREATE TABLE {schema}.made_to_try (id integer)", "ALTER TABLE {schema}.made_to_try ADD COLUMN more integer"} {
			_, err := migrator.Exec(p.about(statement, module, module))
			require.NoError(t, err, "%s: %s", module, statement)
		}
		_, err := db.Exec(p.about("INSERT INTO {schema}.made_to_try (id) VALUES (1)", module, module))
		require.NoError(t, err, "%s cannot write to a table that was made after it was prepared", module)
		_, err = migrator.Exec(p.about("DROP TABLE {schema}.made_to_try", module, module))
		require.NoError(t, err)
	}
	require.Equal(t, before, p.digests(t))
}

// about puts names into a statement. Every module has the table that is tried.
func (p *prepared) about(statement, thief, victim string) string {
	schema, home, migrator := victim, thief, "_migrate"
	if p.kind == database.MySQL {
		schema, home, migrator = p.name+"_"+victim, p.name+"_"+thief, "_ddl"
	}
	return strings.NewReplacer("{schema}", schema, "{table}", "tasks", "{column}", "payload", "{own}", home+".tasks",
		"{role}", p.name+"_"+victim, "{migrator}", p.name+"_"+victim+migrator).Replace(statement)
}

// connect signs in with a module's URL, on one connection.
func (p *prepared) connect(t *testing.T, address string) *sql.DB {
	t.Helper()
	if p.kind == database.Postgres { // the protocol in which many statements are sent at once
		address += "&default_query_exec_mode=simple_protocol"
	}
	db := databasetest.Connect(t, p.kind, address)
	db.SetMaxOpenConns(1)
	require.NoError(t, db.Ping())
	return db
}

// seen are the tables of a module that somebody can find. In PostgreSQL's own catalogue everybody can.
func (p *prepared) seen(t *testing.T, db *sql.DB, victim string) []string {
	t.Helper()
	return texts(t, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = '"+p.about("{schema}", victim, victim)+"'")
}

// digests are the contents and the columns of all tables.
func (p *prepared) digests(t *testing.T) map[string]string {
	t.Helper()
	address, err := url.Parse(p.admin)
	require.NoError(t, err)
	mine := "LIKE '" + strings.ReplaceAll(p.name, "_", `\_`) + "%'"
	if p.kind == database.Postgres {
		address.Path = "/" + p.name
		mine = "IN ('" + strings.Join(slices.Collect(maps.Keys(p.running)), "', '") + "')"
	}
	w := &server{t: t, kind: p.kind, name: p.name, db: databasetest.Connect(t, p.kind, address.String())}
	columns := texts(t, w.db, "SELECT CONCAT(table_schema, '.', table_name, '.', column_name) FROM information_schema.columns WHERE table_schema "+mine+" ORDER BY 1")
	w.tables = texts(t, w.db, "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema "+mine)
	require.Greater(t, len(w.tables), 50)
	digests := w.digests()
	digests["columns"] = strings.Join(columns, "\n")
	return digests
}

// requireDenied requires that a server answered, and that it was because of who asked.
func requireDenied(t *testing.T, db *sql.DB, statement, who string) {
	t.Helper()
	_, err := db.Exec(statement)
	require.Error(t, err, "%s may %s", who, statement)
	if p := (*pgconn.PgError)(nil); errors.As(err, &p) {
		const notPrivileged, noTable, noSchema = "42501", "42P01", "3F000"
		allowed := []string{notPrivileged}
		if strings.HasPrefix(statement, "SET search_path") { // what may not be used is not searched
			allowed = append(allowed, noTable, noSchema)
		}
		require.Contains(t, allowed, p.Code, "%s: %s: %v", who, statement, err)
		return
	}
	var m *mysql.MySQLError
	require.ErrorAs(t, err, &m, "%s: %s", who, statement)
	// For a database, a user, a table, a column; for what needs a right on all, to give rights, a role.
	require.Contains(t, []uint16{1044, 1045, 1142, 1143, 1227, 1410, 1959}, m.Number, "%s: %s: %v", who, statement, err)
}

func passwordOf(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	password, there := u.User.Password()
	require.True(t, there)
	return password
}
