package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"gorm.io/gorm"
)

// A Batch writes one kind of thing for many units of work at once: a few statements for a whole group
// instead of a few for each of its members.
type Batch[T any] struct {
	write func(ctx context.Context, tx *gorm.DB, items []T) error
}

// NewBatch returns a batch that writes its items with write: just before the commit, in the transaction
// of the group, what members that succeeded have added, in their order. write is bound to what a change
// is bound to, and may add to other batches. If it fails or panics, the members run again in halves until
// each is told of its own failure.
func NewBatch[T any](write func(ctx context.Context, tx *gorm.DB, items []T) error) *Batch[T] {
	return &Batch[T]{write: write}
}

// Add has items written before the unit of work that ctx belongs to is committed; never if it is not.
// Until then nobody can read them. Outside a unit of work it panics.
func (b *Batch[T]) Add(ctx context.Context, items ...T) {
	u := writing(ctx)
	for _, item := range items {
		u.late = append(u.late, late{b, item})
	}
}

// Try is Add for items whose writing may fail because of what they are: a unit of work that has its
// transaction to itself writes them at once and gets the error, which it has to return, and any panic.
func (b *Batch[T]) Try(ctx context.Context, items ...T) error {
	if u := writing(ctx); u.alone {
		return b.write(ctx, u.tx, items)
	}
	b.Add(ctx, items...)
	return nil
}

// writing is the unit of work that ctx belongs to.
func writing(ctx context.Context) *unit {
	u := unitOf(ctx)
	if u == nil || !u.writes || u.over {
		panic("database: a batch outside a unit of work")
	}
	return u
}

// OnBehalf returns a context that belongs to ctx's unit of work and has everything else from of: for a
// batch, which writes for many, to act in the name of the one who added an item.
func OnBehalf(ctx, of context.Context) context.Context {
	return context.WithValue(of, unitKey{}, unitOf(ctx))
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
	u := &unit{db: c.db, writes: true}
	for _, m := range group {
		if m.err == nil {
			u.late = append(u.late, m.unit.late...)
		}
	}
	if len(u.late) == 0 {
		return nil, nil
	}
	defer func() { u.over = true }()
	ctx := context.WithValue(context.Background(), unitKey{}, u)
	u.tx = c.db.session(ctx, tx)
	for len(u.late) > 0 {
		batch, items := u.takeBatch()
		if err := cmp.Or(returned(func() error { return batch.writeAll(ctx, u.tx, items) }), u.lost); err != nil {
			if len(group) > 1 {
				err = errors.Join(errUnwritten, err)
			}
			return nil, err
		}
	}
	return u.after, nil
}

// returned is the error of write, also where it panics or ends its goroutine: the committer's is everybody's.
func returned(write func() error) (err error) {
	err = errEnded
	var writing sync.WaitGroup
	writing.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("a batch panicked: %v\n%s", p, debug.Stack())
			}
		}()
		err = write()
	})
	writing.Wait()
	return err
}

// takeBatch takes out of what is left to be written all that belongs to the same batch as the first of it.
func (u *unit) takeBatch() (batch lateWriter, items []any) {
	batch = u.late[0].batch
	u.late = slices.DeleteFunc(u.late, func(l late) bool {
		if l.batch == batch {
			items = append(items, l.item)
		}
		return l.batch == batch
	})
	return batch, items
}
