package database

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// CopyTo copies every row, in an order in which each finds those that it refers to, and has the tables go on counting
// behind the numbers that were given out. told hears of rows.
func (s *Source) CopyTo(ctx context.Context, t *Target, contents []Content, told func(rows int)) error {
	if err := alike(s.tables, t.tables); err != nil {
		return err
	}
	for _, from := range s.tables {
		at := slices.IndexFunc(t.tables, func(there table) bool { return there.name == from.name })
		load := newLoad(t, t.tables[at], told)
		err := from.rowsOf(ctx, s.tx, s.porter, func(r row) error { return load.add(ctx, r) })
		if err == nil {
			err = load.flush(ctx)
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", from.name, err)
		}
	}
	for _, c := range contents {
		at := slices.IndexFunc(t.tables, func(there table) bool { return there.name == c.Table })
		if t.tables[at].counter() == "" || c.Last == 0 {
			continue
		}
		if err := t.countOn(ctx, t.conn, t.tables[at], c.Last); err != nil {
			return fmt.Errorf("have %s count on: %w", c.Table, t.explain(err))
		}
	}
	return nil
}

// What is inserted at once: no engine takes more arguments than SQLite, 32,766, and a statement stays well below what
// MySQL takes.
const (
	loadArgs  = 8000
	loadRows  = 500
	loadBytes = 1 << 20
)

// A load is rows that are inserted at once.
type load struct {
	to    *Target
	table table
	told  func(rows int)
	rows  []row
	bytes int
}

func newLoad(to *Target, t table, told func(rows int)) *load {
	return &load{to: to, table: t, told: told}
}

func (l *load) add(ctx context.Context, r row) error {
	l.rows = append(l.rows, r)
	for i, c := range r {
		if why := c.unfit(l.table.columns[i].kind, l.to.dialect); why != "" {
			return fmt.Errorf("%s cannot be moved: its %s %s", r.named(l.table), l.table.columns[i].name, why)
		}
		l.bytes += len(c.bytes)
	}
	if len(l.rows) < min(loadRows, loadArgs/len(r)) && l.bytes < loadBytes {
		return nil
	}
	return l.flush(ctx)
}

// flush inserts the rows. Where the engine takes one of them amiss, it is found by inserting them one by one.
func (l *load) flush(ctx context.Context) error {
	if len(l.rows) == 0 {
		return nil
	}
	if err := l.insert(ctx, l.rows); err != nil {
		for _, r := range l.rows {
			if err := l.insert(ctx, []row{r}); err != nil {
				return fmt.Errorf("%s cannot be moved: %w", r.named(l.table), l.to.explain(err))
			}
		}
	}
	l.told(len(l.rows))
	l.rows, l.bytes = nil, 0
	return nil
}

func (l *load) insert(ctx context.Context, rows []row) error {
	var statement strings.Builder
	statement.WriteString(l.to.insert(l.table) + " VALUES ")
	var args []any
	for i, r := range rows {
		if i > 0 {
			statement.WriteString(", ")
		}
		for j, c := range r {
			statement.WriteString(map[bool]string{true: "(", false: ", "}[j == 0])
			args = append(args, c.as(l.table.columns[j].kind))
			statement.WriteString(l.to.bind(len(args)))
		}
		statement.WriteString(")")
	}
	_, err := l.to.conn.ExecContext(ctx, statement.String(), args...)
	return err
}
