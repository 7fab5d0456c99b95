package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// An inquiry asks an engine which tables a statement touches, where the tables of all modules are in one
// database, and says who of them is not the module itself. The rule in architecture/ reads text; this one
// believes the engine, which also knows what a name stands for.
type inquiry func(t *testing.T, s statement) (strangers []string)

// A table is one of a module's, or of the platform's, which are every module's own.
type table struct{ owner, name string }

const platform = "platform"

func (t table) strange(module string) bool {
	return t.owner != platform && t.owner != database.Schema(module)
}

func TestAModuleTouchesItsOwnTables(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		heard, roll := overhear(t, "")
		requireOwn(t, "sqlite", heard, inquireOfSQLite(t, roll))
	})
	for _, kind := range databasetest.Servers(t) {
		if kind == database.Postgres { // MariaDB says no more than which alias is read; there the roles keep modules apart
			t.Run("postgres", func(t *testing.T) {
				url := databasetest.Server(t, kind)
				heard, _ := overhear(t, url)
				requireOwn(t, "postgres", heard, inquireOfPostgres(t, url))
			})
		}
	}
}

// overhear lets people use the shop and returns every statement that it ran.
func overhear(t *testing.T, url string) ([]statement, *module.Roll) {
	t.Helper()
	ear := &ear{}
	var roll *module.Roll
	shop := openWith(t, fx.Options(fx.Populate(&roll), fx.Invoke(ear.listen)), "PANGAEA_DATABASE_URL", url,
		"PANGAEA_CARRIER_DISPATCH_AFTER", "0s", "PANGAEA_CARRIER_DELIVER_AFTER", "0s")
	shop.isUsed(t)
	heard := ear.all()
	said := map[string]int{}
	for _, s := range heard {
		said[s.module]++
	}
	for _, member := range roll.Members() {
		require.Greater(t, said[member.Name], 4, "%s was hardly used: %v", member.Name, said)
	}
	return heard, roll
}

func requireOwn(t *testing.T, dialect string, heard []statement, inquire inquiry) {
	t.Helper()
	for _, s := range heard {
		require.Empty(t, inquire(t, s), "%s: %s", s.module, s.sql)
	}
	t.Logf("%d statements, each on its module's tables", len(heard))

	violations, err := filepath.Glob(filepath.Join("testdata", "touches", "*."+dialect+".sql"))
	require.NoError(t, err)
	require.NotEmpty(t, violations)
	for _, path := range violations {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var thief, victim string
		_, err = fmt.Sscanf(strings.ReplaceAll(string(text), ":", " "), "-- %s touches %s ", &thief, &victim)
		require.NoError(t, err, path)
		found := inquire(t, statement{module: thief, sql: string(text)})
		require.NotEmpty(t, found, "%s is not reported", path)
		for _, stranger := range found {
			require.True(t, strings.HasPrefix(stranger, victim+"."), "%s: %s", path, stranger)
		}
	}
}

// strangers are those of the tables that are not the module's, once each.
func strangers(module string, touched []table) (names []string) {
	slices.SortFunc(touched, func(a, b table) int { return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.name, b.name)) })
	for _, table := range slices.Compact(touched) {
		if table.strange(module) {
			names = append(names, table.owner+"."+table.name)
		}
	}
	return names
}
