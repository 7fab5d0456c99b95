package database

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A kind is what a column holds, whatever the engine calls it.
type kind int

const (
	unknown kind = iota
	integer
	boolean
	text
	blob
)

// number reports whether values of the kind are numbers, as 0 and 1 are where there are no booleans. Others are bytes.
func (k kind) number() bool { return k == integer || k == boolean }

// A cell is one value, the same whichever engine it was read from.
type cell struct {
	kind  kind
	loose bool // the engine's driver does not tell text from bytes
	alien bool // of another kind than its column: an embedded file may hold anything anywhere
	null  bool
	n     int64
	bytes []byte
}

// Scan takes what a driver has read.
func (c *cell) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		c.null = true
	case int64:
		c.n, c.alien = v, !c.kind.number()
	case bool:
		if v {
			c.n = 1
		}
		c.alien = !c.kind.number()
	case string:
		c.bytes, c.alien = []byte(v), c.kind != text
	case []byte:
		c.bytes, c.alien = append([]byte{}, v...), c.kind != blob && (c.kind != text || !c.loose)
	default:
		c.alien = true
	}
	return nil
}

// as is the value as a column of a kind takes it.
func (c *cell) as(k kind) any {
	switch {
	case c.null:
		return nil
	case k == integer:
		return c.n
	case k == boolean:
		return c.n != 0
	case k == text:
		return string(c.bytes)
	}
	return c.bytes
}

// unfit is why a column of a kind in a dialect cannot hold the value, or ”.
func (c *cell) unfit(k kind, in Dialect) string {
	switch {
	case c.null:
	case k == boolean && c.n&^1 != 0:
		return fmt.Sprintf("is %d, which is neither true nor false", c.n)
	case k != text || in == SQLite:
	case !utf8.Valid(c.bytes):
		return "is no UTF-8, which a database server does not take"
	case in == Postgres && strings.ContainsRune(string(c.bytes), 0):
		return "has a U+0000, which PostgreSQL does not take"
	}
	return ""
}

// A row has a cell for each column of its table.
type row []cell

// named says which row of the table it is.
func (r row) named(t table) string {
	var parts []string
	for _, i := range t.key() {
		value := "NULL"
		switch c := r[i]; {
		case c.null:
		case c.kind.number():
			value = fmt.Sprint(c.n)
		case c.kind == text:
			value = fmt.Sprintf("%q", c.bytes)
		default:
			value = "x'" + hex.EncodeToString(c.bytes) + "'"
		}
		parts = append(parts, t.columns[i].name+" = "+value)
	}
	return "the row of " + t.name + " with " + strings.Join(parts, ", ")
}

// rowsOf calls do for every row of the table. The row is do's to keep.
func (t table) rowsOf(ctx context.Context, db querier, p porter, do func(row) error) error {
	var columns []string
	for _, c := range t.columns {
		columns = append(columns, p.quote(c.name))
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + p.quote(t.name)
	return each(ctx, db, query, func(scan func(...any) error) error {
		r, into := make(row, len(t.columns)), make([]any, len(t.columns))
		for i, c := range t.columns {
			r[i] = cell{kind: c.kind, loose: p.loose()}
			into[i] = &r[i]
		}
		if err := scan(into...); err != nil {
			return err
		}
		for i, c := range r {
			if c.alien {
				return fmt.Errorf("%s: its %s is of another type than the column", r.named(t), t.columns[i].name)
			}
		}
		return do(r)
	})
}

// A Sum says what a table holds, in whatever order: how many rows, and a digest that two tables share only if they
// have the same ones.
type Sum struct {
	Rows  int64
	lanes [4]uint64
}

// add adds a row: the sum of the SHA-256 of all of them.
func (s *Sum) add(r row) {
	digest := sha256.New()
	var head [9]byte
	for _, c := range r {
		n := c.n
		switch {
		case c.null:
			head[0] = 'n'
		case c.kind.number():
			head[0] = 'i'
		default:
			head[0], n = 'b', int64(len(c.bytes))
		}
		binary.BigEndian.PutUint64(head[1:], uint64(n)) //nolint:gosec // the bits are what counts
		digest.Write(head[:])
		digest.Write(c.bytes)
	}
	sum := digest.Sum(nil)
	for i := range s.lanes {
		s.lanes[i] += binary.BigEndian.Uint64(sum[8*i:])
	}
	s.Rows++
}

// Digest is the digest as text.
func (s Sum) Digest() string {
	var bytes []byte
	for _, lane := range s.lanes {
		bytes = binary.BigEndian.AppendUint64(bytes, lane)
	}
	return hex.EncodeToString(bytes)
}
