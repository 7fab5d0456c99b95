package migrations

import (
	"database/sql"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// dialects are the names of the folders that a set has.
var dialects = []string{"sqlite", "postgres", "mysql"}

// An engine is one that runs, and how it is asked what it has. Its queries answer with these columns:
//
//	columns     table, column, type, yes if it may be NULL, default or ''
//	indexes     table, index, primary key, unique or index, its name if somebody gave it one, column, condition or ''; in order
//	references  table, foreign key, column, table and column it refers to, what else is to happen or ''; in order
//	constrained table, how many CHECKs it has
//	leftovers   whatever is there
type engine struct {
	dialect                                              string
	columns, indexes, references, constrained, leftovers string
	classes                                              map[string]string // what its types are called here
	flag                                                 string            // the type that holds a boolean if a CHECK sees to it
	empty                                                func(*testing.T) *sql.DB
}

// reachable are the engines that there are. One that is missing fails on CI; elsewhere it is said.
func reachable(t *testing.T) []engine {
	engines := []engine{sqlite}
	for _, server := range []struct {
		engine
		variable string
		reach    func(*testing.T) (func(*testing.T) *sql.DB, error)
	}{{postgres, "PANGAEA_TEST_POSTGRES_URL", reachPostgres}, {mysql, "PANGAEA_TEST_MYSQL_URL", reachMySQL}} {
		e := server.engine
		var err error
		if e.empty, err = server.reach(t); err == nil {
			engines = append(engines, e)
			continue
		}
		untested := "the migrations are not tested on " + e.dialect + ", which does not answer: start a server, and say in " + server.variable + " where it is"
		if os.Getenv("CI") == "true" {
			require.NoError(t, err, untested)
		}
		say(untested)
	}
	return engines
}

var said sync.Map

func say(line string) {
	if _, again := said.LoadOrStore(line, true); !again {
		fmt.Fprintln(os.Stderr, line)
	}
}

// ask returns a query's rows as text.
func ask(t *testing.T, db *sql.DB, query string) (list [][]string) {
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err, query)
	defer func() { require.NoError(t, rows.Close()) }()
	names, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		row, into := make([]string, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(t, rows.Scan(into...), query)
		list = append(list, row)
	}
	require.NoError(t, rows.Err())
	return list
}
