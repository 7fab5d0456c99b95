package migrations

import (
	"database/sql"
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// climb runs all migrations up, all down, and all up again. It returns what is there after each, from
// nothing on, and reports steps down that do not lead to where the step up began.
func (s set) climb(t *testing.T, e engine) (levels []facts, report []string) {
	db, ups := e.empty(t), s.ups(t, e.dialect)
	levels = []facts{e.facts(t, db, nil)}
	for i, name := range ups {
		if err := s.run(t, db, name+".up.sql"); err != nil {
			return levels, append(report, fmt.Sprintf("%s/%s.up.sql: %s", s.name, name, err))
		}
		levels = append(levels, e.facts(t, db, s.checks(t, ups[:i+1])))
	}
	for _, line := range e.unseen(t, db, s.checks(t, ups)) {
		report = append(report, s.name+"."+line)
	}
	for i := len(ups) - 1; i >= 0; i-- {
		down := ups[i] + ".down.sql"
		if err := s.run(t, db, down); err != nil {
			return levels, append(report, fmt.Sprintf("%s/%s: %s", s.name, down, err))
		}
		for _, line := range e.facts(t, db, s.checks(t, ups[:i])).strayed(s.name, levels[i]) {
			report = append(report, s.name+"/"+down+" "+line)
		}
	}
	if len(report) > 0 {
		return levels, report
	}
	for i, name := range ups {
		require.NoError(t, s.run(t, db, name+".up.sql"), "the second time")
		require.Equal(t, levels[i+1], e.facts(t, db, s.checks(t, ups[:i+1])), "the second time")
	}
	return levels, report
}

// unrepeatable reports migrations that cannot be run again where they were interrupted after some of their
// statements: MySQL commits each by itself.
func (s set) unrepeatable(t *testing.T, e engine, levels []facts) (report []string) {
	db, ups := e.empty(t), s.ups(t, e.dialect)
	for i, name := range ups {
		parts := statements(s.read(t, name+".up.sql"))
		for done := 1; done <= len(parts); done++ {
			for _, statement := range parts[:done] {
				_, err := db.ExecContext(t.Context(), statement)
				require.NoError(t, err, statement)
			}
			err := s.run(t, db, name+".up.sql")
			if err == nil && !maps.Equal(levels[i+1], e.facts(t, db, s.checks(t, ups[:i+1]))) {
				err = fmt.Errorf("something else comes out")
			}
			if err != nil {
				return append(report, fmt.Sprintf("%s/%s.up.sql cannot be repeated after %d of its %d statements: %s",
					s.name, name, done, len(parts), err))
			}
			if done < len(parts) {
				require.NoError(t, s.run(t, db, name+".down.sql"))
			}
		}
	}
	return report
}

// run runs a file as a module that starts does: all of it at once.
func (s set) run(t *testing.T, db *sql.DB, file string) error {
	_, err := db.ExecContext(t.Context(), s.read(t, file))
	return err
}
