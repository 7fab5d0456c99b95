package migrations

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// mysql is MySQL or MariaDB: both understand what follows, and MariaDB says RESTRICT where MySQL says NO ACTION.
var mysql = engine{
	dialect: "mysql",
	columns: `SELECT table_name, column_name,
			CONCAT(IF(data_type = 'tinyint' OR column_type LIKE '%unsigned', column_type, data_type), COALESCE(CONCAT(' COLLATE ', collation_name), '')),
			LOWER(is_nullable),
			CASE WHEN column_default IS NULL OR column_default = 'NULL' THEN ''
				WHEN collation_name IS NOT NULL AND column_default NOT LIKE '''%' THEN QUOTE(column_default) ELSE column_default END
		FROM information_schema.columns WHERE table_schema = DATABASE()`,
	indexes: `SELECT i.table_name, i.index_name, IF(i.index_name = 'PRIMARY', 'primary key', IF(i.non_unique, 'index', 'unique')),
			IF(i.non_unique OR i.index_name NOT REGEXP CONCAT('^', f.column_name, '(_[0-9]+)?$'), i.index_name, ''),
			CONCAT(i.column_name, COALESCE(CONCAT('(', i.sub_part, ')'), ''), IF(i.collation = 'D', ' desc', '')), ''
		FROM information_schema.statistics i JOIN information_schema.statistics f ON f.table_schema = i.table_schema
			AND f.table_name = i.table_name AND f.index_name = i.index_name AND f.seq_in_index = 1
		WHERE i.table_schema = DATABASE() ORDER BY i.table_name, i.index_name, i.seq_in_index`,
	references: `SELECT u.table_name, u.constraint_name, u.column_name, u.referenced_table_name, u.referenced_column_name,
			CONCAT(IF(r.update_rule IN ('RESTRICT', 'NO ACTION'), '', CONCAT('ON UPDATE ', r.update_rule, ' ')),
				IF(r.delete_rule IN ('RESTRICT', 'NO ACTION'), '', CONCAT('ON DELETE ', r.delete_rule)))
		FROM information_schema.key_column_usage u JOIN information_schema.referential_constraints r
			ON r.constraint_schema = u.constraint_schema AND r.constraint_name = u.constraint_name AND r.table_name = u.table_name
		WHERE u.table_schema = DATABASE() ORDER BY u.table_name, u.constraint_name, u.ordinal_position`,
	constrained: `SELECT t.table_name, COUNT(k.constraint_name) FROM information_schema.tables t LEFT JOIN information_schema.table_constraints k
			ON k.table_schema = t.table_schema AND k.table_name = t.table_name AND k.constraint_type = 'CHECK'
		WHERE t.table_schema = DATABASE() GROUP BY t.table_name`,
	leftovers: `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()
		UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()`,
	classes: map[string]string{
		"varchar COLLATE utf8mb4_bin": "text", "text COLLATE utf8mb4_bin": "text", "longtext COLLATE utf8mb4_bin": "text",
		"varbinary": "text", "bigint": "integer", "longblob": "blob",
	},
	flag: "tinyint(1)",
}

// reachMySQL returns what makes an empty database that goes with the test. Its character set is none that
// tables should have: they say themselves which they want.
func reachMySQL(t *testing.T) (func(*testing.T) *sql.DB, error) {
	config, err := mysqlConfig(databasetest.MySQLURL())
	if err != nil {
		return nil, err
	}
	admin := open(t, "mysql", config.FormatDSN())
	if err := admin.PingContext(t.Context()); err != nil {
		return nil, err
	}
	shared, err := mysqlConfig(databasetest.Server(t, database.MySQL))
	require.NoError(t, err)
	var databases atomic.Int64
	return func(t *testing.T) *sql.DB {
		own := shared.Clone()
		own.DBName += fmt.Sprintf("_%d", databases.Add(1))
		_, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+own.DBName+" CHARACTER SET latin1")
		require.NoError(t, err)
		return open(t, "mysql", own.FormatDSN())
	}, nil
}

func mysqlConfig(address string) (*driver.Config, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	c := driver.NewConfig()
	c.Net, c.Addr, c.User, c.DBName = "tcp", u.Host, u.User.Username(), strings.Trim(u.Path, "/")
	c.Passwd, _ = u.User.Password()
	c.Collation, c.MultiStatements = "utf8mb4_bin", true
	return c, nil
}
