package tasks_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

func TestHowLateAQueueIs(t *testing.T) {
	db := databasetest.Open(t, "post", nil)
	made := time.Now()
	q, release, begun := tasks.New(db).With(tasks.Policy{AtOnce: 1}), make(chan struct{}), make(chan struct{}, 3)
	q.Handle("mail", func(context.Context, tasks.Task) error {
		begun <- struct{}{}
		<-release
		return nil
	})
	delay := func() tasks.Delay {
		t.Helper()
		d, err := q.Delay(t.Context())
		require.NoError(t, err)
		return d
	}
	require.Zero(t, delay().Overdue)

	add(t, db, q, "ann", time.Now().Add(-time.Hour))
	add(t, db, q, "bob", time.Now().Add(-time.Minute))
	add(t, db, q, "cat", time.Now().Add(time.Hour))
	late := delay() // nobody does anything
	require.InDelta(t, time.Hour, late.Overdue, float64(soon))
	require.False(t, late.Full)
	require.WithinRange(t, late.Moved, made, time.Now())

	begin(t, q)
	<-begun
	under := delay() // ann's is under way and bob's waits for it
	require.InDelta(t, time.Minute, under.Overdue, float64(soon))
	require.True(t, under.Full)
	before := time.Now()
	close(release)
	<-begun
	require.Eventually(t, func() bool { d := delay(); return d.Overdue == 0 && d.Moved.After(before) }, soon, often)
}
