// Package migrations holds the tests of all migrations: that a set gives the same tables on SQLite,
// PostgreSQL and MySQL, that it goes there and back, and that on MySQL an interrupted one can be repeated.
// The sets are the folders beside this file; testdata/violations has some that are wrong.
package migrations

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEverySetGivesTheSameTablesOnAllEngines(t *testing.T) {
	sets, engines := setsIn(t, "."), reachable(t)
	require.NotEmpty(t, sets)
	for _, s := range sets {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, s.wrong(t, engines))
		})
	}
}

func TestEveryViolationIsReported(t *testing.T) {
	violations, engines := setsIn(t, filepath.Join("testdata", "violations")), reachable(t)
	require.NotEmpty(t, violations)
	if len(engines) < len(dialects) {
		return // said already, and an error on CI: differences take two
	}
	for _, s := range violations {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want, err := fs.ReadFile(s.files, "reported.txt")
			require.NoError(t, err)
			require.Equal(t, strings.TrimSpace(string(want)), strings.Join(s.wrong(t, engines), "\n"))
		})
	}
}

// A set is the migrations of one module's database, or of the platform's tables: a folder per dialect.
type set struct {
	name  string
	files fs.FS
}

func setsIn(t *testing.T, dir string) (sets []set) {
	folders, err := filepath.Glob(filepath.Join(dir, "*", dialects[0]))
	require.NoError(t, err)
	for _, folder := range folders {
		at := filepath.Dir(folder)
		sets = append(sets, set{filepath.Base(at), os.DirFS(at)})
	}
	return sets
}

// wrong reports, a line each, what is not as it should be.
func (s set) wrong(t *testing.T, engines []engine) (report []string) {
	if report = s.uneven(t); len(report) > 0 {
		return report
	}
	report = s.traps(t)
	tables := map[string]facts{}
	for _, e := range engines {
		levels, broken := s.climb(t, e)
		if e.dialect == "mysql" && len(broken) == 0 {
			broken = s.unrepeatable(t, e, levels)
		}
		tables[e.dialect], report = levels[len(levels)-1], append(report, broken...)
	}
	report = append(report, differences(s.name, tables)...)
	slices.Sort(report)
	return report
}

// uneven reports files that a dialect does not have, or that have no way back.
func (s set) uneven(t *testing.T) (report []string) {
	names := map[string]bool{}
	for _, dialect := range dialects {
		files, err := fs.Glob(s.files, dialect+"/*.sql")
		require.NoError(t, err)
		for _, file := range files {
			name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".up.sql"), ".down.sql")
			names[name+".up.sql"], names[name+".down.sql"] = true, true
		}
	}
	for name := range names {
		for _, dialect := range dialects {
			if _, err := fs.Stat(s.files, dialect+"/"+name); err != nil {
				report = append(report, s.name+"/"+dialect+"/"+name+" is missing")
			}
		}
	}
	slices.Sort(report)
	return report
}

// ups are the names of a dialect's migrations without their endings, in their order.
func (s set) ups(t *testing.T, dialect string) (names []string) {
	files, err := fs.Glob(s.files, dialect+"/*.up.sql")
	require.NoError(t, err)
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".up.sql"))
	}
	return names
}

func (s set) read(t *testing.T, file string) string {
	text, err := fs.ReadFile(s.files, file)
	require.NoError(t, err)
	return string(text)
}
