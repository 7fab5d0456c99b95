package database_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// commits counts the groups that were committed or tried.
func commits(t *testing.T, db *database.DB) float64 {
	t.Helper()
	return measured(t, db, "pangaea_database_group_size")
}

// moment is what a measurement of the database says of when something happened, in seconds since 1970.
func moment(t *testing.T, db *database.DB, what string) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(db)
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == "pangaea_database_"+what+"_timestamp_seconds" {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("nothing measures %s", what)
	return 0
}

func TestWhetherADatabaseCanBeWritten(t *testing.T) {
	t.Run("the work tells, and where there was none a write does", func(t *testing.T) {
		db := open(t)
		before := commits(t, db)
		require.NoError(t, db.Writable(t.Context()))
		require.InDelta(t, before+1, commits(t, db), 0, "a real unit of work")
		require.NoError(t, db.Writable(t.Context()))
		require.InDelta(t, before+1, commits(t, db), 0, "which is believed for a while")

		database.Forget(db)
		require.NoError(t, write(t.Context(), db, "a", ""))
		require.NoError(t, db.Writable(t.Context()))
		require.InDelta(t, before+2, commits(t, db), 0, "so is other work")
		require.InDelta(t, time.Now().Unix(), moment(t, db, "last_commit"), 60)
	})

	t.Run("it leaves nothing behind", func(t *testing.T) {
		db, left := open(t), int64(0)
		require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Table("instances").Count(&left).Error
		}))
		before := left
		require.NoError(t, db.Writable(t.Context()))
		require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Table("instances").Count(&left).Error
		}))
		require.Equal(t, before, left)
	})

	t.Run("who cannot have a turn in time is told so", func(t *testing.T) {
		db, taken, release := open(t), make(chan struct{}, 2), make(chan struct{})
		stuck := func(ctx context.Context, _ *gorm.DB) error { taken <- struct{}{}; <-release; return ctx.Err() }
		done := make(chan error, 2)
		for range database.Writers(db) {
			go func() { done <- db.Do(context.WithoutCancel(t.Context()), stuck) }()
			<-taken
		}
		database.Forget(db)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		require.True(t, fault.Is(db.Writable(ctx), fault.Unavailable))
		close(release)
		for range database.Writers(db) {
			require.NoError(t, <-done)
		}
		require.NoError(t, db.Writable(t.Context()))
	})

	t.Run("a change that fails says nothing about the database", func(t *testing.T) {
		db := open(t)
		for _, err := range []error{errors.New("a bug"), fault.New(fault.Unavailable, "the change's own")} {
			require.Error(t, db.Do(t.Context(), func(context.Context, *gorm.DB) error { return err }))
		}
		require.Zero(t, moment(t, db, "failing_since"))
		require.NoError(t, db.Writable(t.Context()))
	})
}

func TestWhetherAFileCanBeWritten(t *testing.T) {
	db := openFile(t)
	readOnly := func(verdict string) {
		require.NoError(t, database.Pragma(db, "query_only = "+verdict))
	}
	readOnly("ON")

	require.ErrorContains(t, write(t.Context(), db, "a", ""), "read-only")
	first := moment(t, db, "failing_since")
	require.InDelta(t, time.Now().Unix(), first, 60)
	tried := commits(t, db)
	require.ErrorContains(t, db.Writable(t.Context()), "the database of diary is read-only")
	require.InDelta(t, tried, commits(t, db), 0, "what has just failed is not tried again at once")
	require.ErrorContains(t, write(t.Context(), db, "a", ""), "read-only")
	require.InDelta(t, first, moment(t, db, "failing_since"), 0)

	readOnly("OFF")
	require.NoError(t, write(t.Context(), db, "a", ""), "other work does try")
	require.NoError(t, db.Writable(t.Context()))
	require.Zero(t, moment(t, db, "failing_since"))
}
