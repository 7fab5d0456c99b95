package database_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// BenchmarkDo measures units of work of two inserts, by one caller and by many at once.
func BenchmarkDo(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			db := databasetest.Open(b, "diary", notes(1))
			var n atomic.Int64
			b.SetParallelism(callers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := fmt.Sprint(n.Add(1))
					require.NoError(b, db.Do(b.Context(), func(_ context.Context, tx *gorm.DB) error {
						if err := tx.Create(&note{ID: id, Text: "x"}).Error; err != nil {
							return err
						}
						return tx.Create(&note{ID: id + "'", Text: "y"}).Error
					}))
				}
			})
		})
	}
}

// BenchmarkRead measures a point read by key.
func BenchmarkRead(b *testing.B) {
	db := databasetest.Open(b, "diary", notes(1))
	require.NoError(b, write(b.Context(), db, "a", "x"))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			require.NoError(b, db.Read(b.Context(), func(_ context.Context, tx *gorm.DB) error {
				return tx.Take(&note{}, "id = ?", "a").Error
			}))
		}
	})
}

// BenchmarkOpen measures a start on a schema that is current: seven of them fit into a start of 50 ms.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		db, err := database.Open(b.Context(), "diary", database.Options{Dir: dir, Migrations: notes(1)})
		require.NoError(b, err)
		require.NoError(b, db.Close())
	}
}
