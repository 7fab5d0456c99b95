package main

import (
	"database/sql"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// inquireOfPostgres asks as somebody who may read everything, with the names that the module's own
// connection has.
func inquireOfPostgres(t *testing.T, address string) inquiry {
	t.Helper()
	connections := map[string]*sql.DB{}
	return func(t *testing.T, s statement) []string {
		t.Helper()
		schema := database.Schema(s.module)
		if connections[schema] == nil {
			u, err := url.Parse(address)
			require.NoError(t, err)
			query := u.Query()
			query.Set("search_path", schema)
			u.RawQuery = query.Encode()
			connections[schema] = databasetest.Connect(t, database.Postgres, u.String())
		}
		var plan []byte
		err := connections[schema].QueryRow("EXPLAIN (VERBOSE, FORMAT JSON) "+s.sql, s.vars...).Scan(&plan)
		require.NoError(t, err, "%s: %s", s.module, s.sql)
		var content any
		require.NoError(t, json.Unmarshal(plan, &content))
		return strangers(s.module, relations(content))
	}
}

// relations are the tables anywhere in a plan.
func relations(plan any) (found []table) {
	switch plan := plan.(type) {
	case []any:
		for _, part := range plan {
			found = append(found, relations(part)...)
		}
	case map[string]any:
		if name, ok := plan["Relation Name"].(string); ok {
			owner, _ := plan["Schema"].(string)
			found = append(found, table{owner, name})
		}
		for _, part := range plan {
			found = append(found, relations(part)...)
		}
	}
	return found
}
