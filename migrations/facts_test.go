package migrations

import (
	"maps"
	"slices"
	"strings"
)

// A subject is what can be said something about: a table, one of its columns, or a thing that one of these
// has, such as "primary key" or "CHECK (total >= 0)".
type subject struct{ table, column, thing string }

// Facts say of each subject that is there how it is, in words that are the same for all engines.
type facts map[subject]string

func (f facts) has(s subject) bool {
	_, there := f[s]
	return there
}

// in names the subject in the database of a set.
func (s subject) in(set string) string {
	name := set + "." + s.table
	if s.column != "" {
		name += "." + s.column
	}
	if s.thing != "" {
		name += ": " + s.thing
	}
	return name
}

// parent is what has to be there for the subject to be.
func (s subject) parent() subject {
	if s.thing != "" {
		return subject{table: s.table, column: s.column}
	}
	return subject{table: s.table}
}

// differences reports every subject that is not the same in all dialects. What follows from a missing
// table or column is not reported.
func differences(set string, dialects map[string]facts) (report []string) {
	all := facts{}
	for _, said := range dialects {
		maps.Copy(all, said)
	}
	names := slices.Sorted(maps.Keys(dialects))
	for s := range all {
		ways := map[string][]string{}
		for _, dialect := range names {
			said := dialects[dialect]
			switch {
			case said.has(s):
				ways[said[s]] = append(ways[said[s]], dialect)
			case said.has(s.parent()) || s.parent() == s:
				ways[missing] = append(ways[missing], dialect)
			}
		}
		if len(ways) > 1 && !onlyInnoDB(s, all[s], ways, dialects["mysql"]) {
			report = append(report, s.in(set)+": "+words(ways))
		}
	}
	slices.Sort(report)
	return report
}

const missing = "missing"

func words(ways map[string][]string) string {
	var parts []string
	for _, how := range slices.Sorted(maps.Keys(ways)) {
		if how != "" && how != missing {
			parts = append(parts, how+" in "+strings.Join(ways[how], " and "))
		}
	}
	if absent := ways[missing]; absent != nil {
		parts = append(parts, "missing in "+strings.Join(absent, " and "))
	}
	return strings.Join(parts, "; ")
}

// strayed reports what is not as it was before.
func (f facts) strayed(set string, before facts) (report []string) {
	for s, how := range f {
		switch {
		case !before.has(s):
			report = append(report, "leaves "+s.in(set))
		case how != before[s]:
			report = append(report, "leaves "+s.in(set)+" as "+how)
		}
	}
	for s := range before {
		if !f.has(s) {
			report = append(report, "takes away "+s.in(set))
		}
	}
	slices.Sort(report)
	return report
}

// onlyInnoDB reports whether the subject is an index that the other engines can do without: InnoDB wants
// one for every foreign key.
func onlyInnoDB(s subject, columns string, ways map[string][]string, mysql facts) bool {
	needed := mysql.has(subject{table: s.table, thing: "foreign key " + columns})
	return needed && strings.HasPrefix(s.thing, "index ") && slices.Equal(ways[columns], []string{"mysql"}) && len(ways[missing]) > 0
}
