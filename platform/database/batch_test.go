package database_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

func TestBatch(t *testing.T) {
	var calls []string // of write, with what it was given
	batch := database.NewBatch(func(ctx context.Context, tx *gorm.DB, ids []string) error {
		calls = append(calls, fmt.Sprint(ids))
		database.AfterCommit(ctx, func() { calls = append(calls, "committed") })
		for _, id := range ids {
			if id == "unwritable" {
				return errors.New("the batch's own")
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
		require.Equal(t, []string{"[a unwritable b]", "[a]", "committed", "[unwritable]", "[b]", "committed"}, calls)
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
}
