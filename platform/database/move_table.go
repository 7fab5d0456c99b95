package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A table is one of a module's, as the engine says it is.
type table struct {
	name    string
	columns []column // by their names
	parents []string // tables that it refers to
}

// A column is one of a table's.
type column struct {
	name   string
	kind   kind
	key    int  // its place in the primary key, from 1
	counts bool // it numbers the rows
}

// ofThePlace are the tables that say something about where the module is, and not about the module.
var ofThePlace = []string{"platform_migrations", "schema_migrations", "instances", "fence"}

// readTables lists the tables of the module, those that others refer to before those.
func readTables(ctx context.Context, db querier, p porter) (list []table, err error) {
	byName := map[string]*table{}
	err = each(ctx, db, p.columns(), func(scan func(...any) error) error {
		var in, declared string
		var c column
		if err := scan(&in, &c.name, &declared, &c.key, &c.counts); err != nil || slices.Contains(ofThePlace, in) {
			return err
		}
		if c.kind = p.kindOf(strings.ToLower(declared)); c.kind == unknown {
			return fmt.Errorf("%s.%s is of the type %s, which cannot be moved", in, c.name, declared)
		}
		if byName[in] == nil {
			byName[in] = &table{name: in}
		}
		byName[in].columns = append(byName[in].columns, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, p.references(), func(scan func(...any) error) error {
		var in, parent string
		if err := scan(&in, &parent); err != nil || byName[in] == nil {
			return err
		}
		byName[in].parents = append(byName[in].parents, parent)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range byName {
		if len(t.key()) == 0 {
			return nil, fmt.Errorf("the table %s has no primary key: its rows cannot be told apart", t.name)
		}
		slices.SortFunc(t.columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b table) int { return strings.Compare(a.name, b.name) })
	return parentsFirst(list)
}

// parentsFirst orders tables so that rows find those that they refer to.
func parentsFirst(list []table) (ordered []table, err error) {
	placed := map[string]bool{}
	for len(list) > 0 {
		ready := slices.IndexFunc(list, func(t table) bool {
			return !slices.ContainsFunc(t.parents, func(parent string) bool { return !placed[parent] })
		})
		if ready < 0 {
			return nil, fmt.Errorf("the rows of %s refer to each other in a circle: there is no order to move them in", strings.Join(names(list), ", "))
		}
		placed[list[ready].name] = true
		ordered = append(ordered, list[ready])
		list = slices.Delete(list, ready, ready+1)
	}
	return ordered, nil
}

func names(list []table) (all []string) {
	for _, t := range list {
		all = append(all, t.name)
	}
	return all
}

// key are the columns of the primary key.
func (t table) key() (key []int) {
	for i, c := range t.columns {
		if c.key > 0 {
			key = append(key, i)
		}
	}
	slices.SortFunc(key, func(a, b int) int { return t.columns[a].key - t.columns[b].key })
	return key
}

// counter is the column that numbers the rows, or ”.
func (t table) counter() string {
	for _, c := range t.columns {
		if c.counts {
			return c.name
		}
	}
	return ""
}

// alike returns an error unless the tables at both ends of a move are the same.
func alike(from, to []table) error {
	for _, t := range from {
		i := slices.IndexFunc(to, func(other table) bool { return other.name == t.name })
		if i < 0 {
			return fmt.Errorf("there is no table %s where it should go", t.name)
		}
		same := slices.EqualFunc(t.columns, to[i].columns, func(a, b column) bool { return a.name == b.name && a.kind.number() == b.kind.number() })
		if !same {
			return fmt.Errorf("the table %s has other columns where it should go", t.name)
		}
	}
	if len(to) > len(from) {
		return errors.New("there are more tables where it should go")
	}
	return nil
}

// each calls do for every row of a query.
func each(ctx context.Context, db querier, query string, do func(scan func(...any) error) error) (err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
