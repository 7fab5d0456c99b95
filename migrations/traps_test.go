package migrations

import (
	"fmt"
	"slices"
	"testing"
)

// traps reports what MariaDB lets pass and MySQL 8 does not.
func (s set) traps(t *testing.T) (report []string) {
	for _, name := range s.ups(t, "mysql") {
		all := definitions(s.read(t, name+".up.sql"))
		for _, d := range all {
			if d.column == "" {
				continue
			}
			where := fmt.Sprintf("%s/%s.up.sql: %s.%s", s.name, name, d.table, d.column)
			if slices.Contains(d.symbols, "REFERENCES") {
				report = append(report, where+" has REFERENCES, which MySQL reads over: write FOREIGN KEY below the columns")
			}
			for _, other := range all {
				if other.table == d.table && other.column != "" && other.column != d.column && d.constrains(other.column) {
					report = append(report, where+" has a CHECK that names "+other.column+", which MySQL refuses: write it below the columns")
				}
			}
		}
	}
	return report
}

// constrains reports whether a CHECK of the definition names a column.
func (d definition) constrains(column string) bool {
	at := slices.Index(d.symbols, "CHECK")
	return at >= 0 && slices.Contains(d.symbols[at:], column)
}
