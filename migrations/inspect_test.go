package migrations

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// facts are what the engine says of the tables in db, with the CHECKs that the migrations wrote.
func (e engine) facts(t *testing.T, db *sql.DB, checks []check) facts {
	found := facts{}
	for _, row := range ask(t, db, e.columns) {
		table, name, kind, nullable, standard := row[0], row[1], row[2], row[3], row[4]
		how := e.class(kind, slices.Contains(checks, flagCheck(table, name)))
		if nullable == "no" {
			how += " NOT NULL"
		}
		if standard != "" {
			how += " DEFAULT " + standard
		}
		found[subject{table: table}] = ""
		found[subject{table: table, column: name}] = how
	}
	for _, row := range ask(t, db, e.leftovers) {
		if s := (subject{table: row[0]}); !found.has(s) {
			found[s] = "something else than a table"
		}
	}
	e.addKeys(t, db, found)
	for _, c := range checks {
		isFlag := c == flagCheck(c.table, c.column) && strings.HasPrefix(found[subject{table: c.table, column: c.column}], "boolean")
		if !isFlag {
			found[subject{c.table, c.column, "CHECK (" + c.meaning(e.dialect, found) + ")"}] = ""
		}
	}
	return found
}

// class is what a column of that type can hold.
func (e engine) class(kind string, isFlag bool) string {
	if isFlag && kind == e.flag {
		return "boolean"
	}
	if class, known := e.classes[kind]; known {
		return class
	}
	return kind
}

// addKeys adds primary and foreign keys, uniques and indexes.
func (e engine) addKeys(t *testing.T, db *sql.DB, found facts) {
	for _, index := range grouped(ask(t, db, e.indexes)) {
		table, kind, name, condition := index[0][0], index[0][2], index[0][3], index[0][5]
		columns := listed(index, 4)
		switch kind {
		case "primary key":
			found[subject{table: table, thing: kind}] = columns
		case "unique":
			found[subject{table: table, thing: kind + " " + columns}] = strings.TrimSpace(name + " " + condition)
		default:
			found[subject{table: table, thing: kind + " " + name}] = strings.TrimSpace(columns + " " + condition)
		}
	}
	for _, key := range grouped(ask(t, db, e.references)) {
		table, other, actions := key[0][0], key[0][3], key[0][5]
		found[subject{table: table, thing: "foreign key " + listed(key, 2)}] = strings.TrimSpace("to " + other + " " + listed(key, 4) + " " + actions)
	}
}

// unseen reports tables that do not have as many CHECKs as were found in the migrations.
func (e engine) unseen(t *testing.T, db *sql.DB, checks []check) (report []string) {
	for _, row := range ask(t, db, e.constrained) {
		written := 0
		for _, c := range checks {
			if c.table == row[0] {
				written++
			}
		}
		if row[1] != strconv.Itoa(written) {
			report = append(report, fmt.Sprintf("%s has %s CHECKs in %s, and %d were found in its migrations", row[0], row[1], e.dialect, written))
		}
	}
	return report
}

// grouped puts the rows together whose first two columns are equal. They follow each other.
func grouped(rows [][]string) (groups [][][]string) {
	for i, row := range rows {
		if i > 0 && row[0] == rows[i-1][0] && row[1] == rows[i-1][1] {
			groups[len(groups)-1] = append(groups[len(groups)-1], row)
		} else {
			groups = append(groups, [][]string{row})
		}
	}
	return groups
}

// listed is a column of the rows, as SQL lists names.
func listed(rows [][]string, column int) string {
	var names []string
	for _, row := range rows {
		names = append(names, row[column])
	}
	return "(" + strings.Join(names, ", ") + ")"
}
