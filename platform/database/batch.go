package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"
)

// A Batch writes one kind of thing for many units of work at once: a few statements for a whole group
// instead of a few for each of its members.
type Batch[T any] struct {
	write func(ctx context.Context, tx *gorm.DB, items []T) error
}

// NewBatch returns a batch that writes its items with write: just before the commit, in the transaction
// of the group, what members that succeeded have added, in their order. write is bound to what a change
// is bound to. If it fails, the members run again one by one, and each is told of its own failure.
func NewBatch[T any](write func(ctx context.Context, tx *gorm.DB, items []T) error) *Batch[T] {
	return &Batch[T]{write: write}
}

// Add has items written before the unit of work that ctx belongs to is committed; never if it is not.
// Until then nobody can read them. Outside a unit of work it panics.
func (b *Batch[T]) Add(ctx context.Context, items ...T) {
	u := unitOf(ctx)
	if u == nil || !u.writes || u.over {
		panic("database: Batch.Add outside a unit of work")
	}
	for _, item := range items {
		u.late = append(u.late, late{b, item})
	}
}

// A late item is written after its unit of work.
type late struct {
	batch lateWriter
	item  any
}

// A lateWriter is a Batch of whatever.
type lateWriter interface {
	writeAll(ctx context.Context, tx *gorm.DB, items []any) error
}

func (b *Batch[T]) writeAll(ctx context.Context, tx *gorm.DB, items []any) error {
	all := make([]T, len(items))
	for i, item := range items {
		all[i] = item.(T)
	}
	return b.write(ctx, tx, all)
}

// writeLate writes what the members of a group have left to be written, and returns what is to be done
// after the commit.
func (c *committer) writeLate(tx *sql.Tx, group []*member) (after []func(), err error) {
	items, order := map[lateWriter][]any{}, []lateWriter(nil)
	for _, m := range group {
		if m.err != nil {
			continue
		}
		for _, l := range m.unit.late {
			if items[l.batch] == nil {
				order = append(order, l.batch)
			}
			items[l.batch] = append(items[l.batch], l.item)
		}
	}
	if len(order) == 0 {
		return nil, nil
	}
	u := &unit{db: c.db, writes: true}
	defer func() { u.over = true }()
	ctx := context.WithValue(context.Background(), unitKey{}, u)
	u.tx = c.db.session(ctx, tx)
	for _, batch := range order {
		if err := cmp.Or(batch.writeAll(ctx, u.tx, items[batch]), u.lost); err != nil {
			if len(group) > 1 {
				err = errors.Join(errLost, err) // whose fault it is shows when each runs alone
			}
			return nil, err
		}
	}
	return u.after, nil
}
