package database_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

func TestBatch(t *testing.T) {
	var mu sync.Mutex
	var calls []string // of write, with what it was given
	called := func(how string) {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, how)
	}
	batch := database.NewBatch(func(ctx context.Context, tx *gorm.DB, ids []string) error {
		called(fmt.Sprint(ids))
		database.AfterCommit(ctx, func() { called("committed") })
		for _, id := range ids {
			switch id {
			case "unwritable":
				return errors.New("the batch's own")
			case "panics":
				panic("oh")
			case "exits":
				runtime.Goexit()
			}
			if err := tx.Create(&note{ID: id}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	adds := func(t *testing.T, id string) *database.Caller {
		return caller(t, func(ctx context.Context, _ *gorm.DB) error { batch.Add(ctx, id); return nil })
	}
	begin := func(t *testing.T) *database.DB { calls = nil; return open(t) }

	t.Run("is written once for a group, by those who succeed, in their order", func(t *testing.T) {
		db, mine := begin(t), errors.New("mine")
		failing := caller(t, func(ctx context.Context, _ *gorm.DB) error { batch.Add(ctx, "never"); return mine })
		first, last := adds(t, "b"), adds(t, "a")
		database.Together(db, first, failing, writer(t, "c"), last)
		require.NoError(t, errors.Join(first.Err, last.Err))
		require.ErrorIs(t, failing.Err, mine)
		require.Equal(t, []string{"a", "b", "c"}, read(t, db))
		require.Equal(t, []string{"[b a]", "committed"}, calls)
	})

	t.Run("one who cannot be written hurts nobody else", func(t *testing.T) {
		db := begin(t)
		first, bad, last := adds(t, "a"), adds(t, "unwritable"), adds(t, "b")
		database.Together(db, first, bad, last)
		require.NoError(t, errors.Join(first.Err, last.Err))
		require.ErrorContains(t, bad.Err, "the batch's own")
		require.Equal(t, []string{"a", "b"}, read(t, db))
		require.Equal(t, []string{"[a unwritable b]", "[a]", "committed", "[unwritable b]", "[unwritable]", "[b]", "committed"}, calls)
	})

	t.Run("one who panics or exits in it hurts nobody else", func(t *testing.T) {
		db := begin(t)
		tries := func(id string) *database.Caller {
			return caller(t, func(ctx context.Context, _ *gorm.DB) (err error) {
				defer func() {
					if p := recover(); p != nil {
						err = fmt.Errorf("caught %v", p)
					}
				}()
				return batch.Try(ctx, id)
			})
		}
		first, panics, added, exits, last := tries("a"), tries("panics"), adds(t, "panics"), adds(t, "exits"), tries("b")
		database.Together(db, first, panics, added, exits, last)
		require.NoError(t, errors.Join(first.Err, last.Err))
		require.ErrorContains(t, panics.Err, "caught oh")
		require.ErrorContains(t, added.Err, "a batch panicked: oh")
		require.ErrorContains(t, exits.Err, "did not return")
		require.Equal(t, []string{"a", "b"}, read(t, db))
	})

	t.Run("is part of a unit and of nothing else", func(t *testing.T) {
		db := begin(t)
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			batch.Add(ctx, "a", "b")
			return write(ctx, db, "c", "")
		}))
		require.Equal(t, []string{"a", "b", "c"}, read(t, db))
		require.Panics(t, func() { batch.Add(t.Context(), "d") })
	})

	tries := func(t *testing.T, id string, failure *error) *database.Caller {
		return caller(t, func(ctx context.Context, _ *gorm.DB) error {
			*failure = batch.Try(ctx, id)
			return *failure
		})
	}
	t.Run("who tries by himself is told at once", func(t *testing.T) {
		db := begin(t)
		var failure error
		one := tries(t, "unwritable", &failure)
		database.Together(db, one)
		require.ErrorContains(t, failure, "the batch's own")
		require.Equal(t, failure, one.Err)
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *gorm.DB) error {
			require.NoError(t, batch.Try(ctx, "a"))
			return tx.Take(&note{}, "id = ?", "a").Error
		}))
		require.Equal(t, []string{"a"}, read(t, db))
	})

	t.Run("who tries among others is told when he is by himself", func(t *testing.T) {
		db := begin(t)
		var failures [3]error
		first, bad, last := tries(t, "a", &failures[0]), tries(t, "unwritable", &failures[1]), tries(t, "b", &failures[2])
		database.Together(db, first, bad, last)
		require.NoError(t, errors.Join(first.Err, last.Err))
		require.ErrorContains(t, failures[1], "the batch's own")
		require.Equal(t, failures[1], bad.Err, "his change could have minded")
		require.Equal(t, []string{"a", "b"}, read(t, db))
	})

	t.Run("adds to another one in somebody's name", func(t *testing.T) {
		db := begin(t)
		type name struct{}
		type parcel struct{ of context.Context }
		parcels := database.NewBatch(func(ctx context.Context, _ *gorm.DB, parcels []parcel) error {
			for _, p := range parcels {
				behalf := database.OnBehalf(ctx, p.of)
				batch.Add(behalf, behalf.Value(name{}).(string))
			}
			return nil
		})
		sends := func(id string) *database.Caller {
			return caller(t, func(ctx context.Context, _ *gorm.DB) error {
				parcels.Add(ctx, parcel{context.WithValue(ctx, name{}, id)})
				return nil
			})
		}
		first, last := sends("a"), sends("b")
		database.Together(db, first, adds(t, "c"), last)
		require.NoError(t, errors.Join(first.Err, last.Err))
		require.Equal(t, []string{"a", "b", "c"}, read(t, db))
	})
}
