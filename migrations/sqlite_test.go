package migrations

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // so that sql.Open knows it
)

var sqlite = engine{
	dialect: "sqlite",
	columns: `SELECT t.name, c.name, c.type, iif(c."notnull", 'no', 'yes'), coalesce(c.dflt_value, '')
		FROM pragma_table_list t JOIN pragma_table_info(t.name) c WHERE t.name NOT LIKE 'sqlite_%'`,
	indexes: `SELECT t.name, i.name, CASE WHEN i.origin = 'pk' THEN 'primary key' WHEN i."unique" THEN 'unique' ELSE 'index' END,
			iif(i.origin = 'c', i.name, ''), c.name || iif(c."desc", ' desc', ''), iif(i.partial, 'partly', '')
		FROM pragma_table_list t JOIN pragma_index_list(t.name) i JOIN pragma_index_xinfo(i.name) c
		WHERE c.key ORDER BY t.name, i.name, c.seqno`,
	references: `SELECT t.name, f.id, f."from", f."table", coalesce(f."to", ''),
			iif(f.on_update IN ('RESTRICT', 'NO ACTION'), '', 'ON UPDATE ' || f.on_update || ' ') || iif(f.on_delete IN ('RESTRICT', 'NO ACTION'), '', 'ON DELETE ' || f.on_delete)
		FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f ORDER BY t.name, f.id, f.seq`,
	constrained: `SELECT name, (length(sql) - length(replace(sql, 'CHECK (', ''))) / length('CHECK (') FROM sqlite_master WHERE type = 'table'`,
	leftovers:   `SELECT tbl_name FROM sqlite_master`,
	classes:     map[string]string{"TEXT": "text", "INTEGER": "integer", "BLOB": "blob"},
	flag:        "INTEGER",
	empty: func(t *testing.T) *sql.DB {
		return open(t, "sqlite", filepath.Join(t.TempDir(), "some.db")+"?_pragma=foreign_keys(1)")
	},
}

func open(t *testing.T, driver, address string) *sql.DB {
	db, err := sql.Open(driver, address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}
