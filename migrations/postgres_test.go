package migrations

import (
	"database/sql"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

var postgres = engine{
	dialect: "postgres",
	columns: `SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod) || coalesce(' COLLATE ' || c.collname, ''),
			CASE WHEN a.attnotnull THEN 'no' ELSE 'yes' END, coalesce(split_part(pg_get_expr(d.adbin, d.adrelid), '::', 1), '')
		FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_collation c ON c.oid = a.attcollation LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
		WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'`,
	indexes: `SELECT t.relname, i.relname, CASE WHEN x.indisprimary THEN 'primary key' WHEN x.indisunique THEN 'unique' ELSE 'index' END,
			CASE WHEN k.oid IS NULL THEN i.relname ELSE '' END,
			pg_get_indexdef(i.oid, n, true) || CASE WHEN x.indoption[n - 1] & 1 = 1 THEN ' desc' ELSE '' END,
			CASE WHEN x.indpred IS NULL THEN '' ELSE 'partly' END
		FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
		LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u') CROSS JOIN generate_series(1, x.indnkeyatts) n
		WHERE t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, i.relname, n`,
	references: `SELECT t.relname, k.conname, a.attname, r.relname, ra.attname,
			CASE k.confupdtype WHEN 'c' THEN 'ON UPDATE CASCADE ' WHEN 'n' THEN 'ON UPDATE SET NULL ' WHEN 'd' THEN 'ON UPDATE SET DEFAULT ' ELSE '' END ||
			CASE k.confdeltype WHEN 'c' THEN 'ON DELETE CASCADE' WHEN 'n' THEN 'ON DELETE SET NULL' WHEN 'd' THEN 'ON DELETE SET DEFAULT' ELSE '' END
		FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
		CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (here, there, n)
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.here JOIN pg_attribute ra ON ra.attrelid = r.oid AND ra.attnum = u.there
		WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace ORDER BY t.relname, k.conname, u.n`,
	constrained: `SELECT t.relname, count(k.oid) FROM pg_class t LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'c'
		WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' GROUP BY t.relname`,
	leftovers: `SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind NOT IN ('i')
		UNION ALL SELECT typname FROM pg_type WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('d', 'e', 'r')
		UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace`,
	classes: map[string]string{"text COLLATE C": "text", "bigint": "integer", "bytea": "blob", "boolean": "boolean"},
}

// reachPostgres returns what makes an empty schema, in a database that goes with the test.
func reachPostgres(t *testing.T) (func(*testing.T) *sql.DB, error) {
	if err := open(t, "pgx", databasetest.PostgresURL()).PingContext(t.Context()); err != nil {
		return nil, err
	}
	address, err := url.Parse(databasetest.Server(t, database.Postgres))
	require.NoError(t, err)
	var schemas atomic.Int64
	return func(t *testing.T) *sql.DB {
		name := fmt.Sprintf("schema_%d", schemas.Add(1))
		own, with := *address, address.Query()
		with.Set("search_path", name)
		own.RawQuery = with.Encode()
		db := open(t, "pgx", own.String())
		_, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+name)
		require.NoError(t, err)
		return db
	}, nil
}
