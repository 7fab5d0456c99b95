package tasks_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// failing is a queue in which "ann" and "bob" were given up and "eve" is tried again in an hour.
func failing(t *testing.T, l *log) (db *database.DB, q *tasks.Queue, ids map[string]string) {
	t.Helper()
	db, ids = databasetest.Open(t, "post", nil), map[string]string{}
	q = tasks.New(db).With(tasks.Policy{First: time.Hour, Longest: time.Hour})
	q.Handle("mail", func(_ context.Context, task tasks.Task) error {
		switch {
		case string(task.Payload) == `"mended"`:
			l.note(task)
			return nil
		case task.Key == "eve":
			return errors.New("not today")
		}
		return tasks.Permanent(errors.New("No address of " + task.Key))
	})
	begin(t, q)
	for _, key := range []string{"ann", "bob", "eve"} {
		add(t, db, q, key, time.Time{})
	}
	require.Eventually(t, func() bool {
		for _, f := range failed(t, q, tasks.Filter{}) {
			ids[f.Key] = f.ID
		}
		return len(ids) == 3
	}, soon, often)
	return db, q, ids
}

func failed(t *testing.T, q *tasks.Queue, f tasks.Filter) []tasks.Failed {
	t.Helper()
	list, err := q.Failed(t.Context(), f)
	require.NoError(t, err)
	return list
}

func TestFailedTasksAreChosen(t *testing.T) {
	_, q, ids := failing(t, &log{})
	hour := time.Hour
	for _, choice := range []struct {
		filter tasks.Filter
		found  []string
	}{
		{tasks.Filter{}, []string{"ann", "bob", "eve"}},
		{tasks.Filter{State: tasks.Parked}, []string{"ann", "bob"}},
		{tasks.Filter{State: tasks.Retrying}, []string{"eve"}},
		{tasks.Filter{Kind: "mail", Key: "bob"}, []string{"bob"}},
		{tasks.Filter{Kind: "parcel"}, nil},
		{tasks.Filter{Error: "no ADDRESS of a"}, []string{"ann"}},
		{tasks.Filter{Since: time.Now().Add(-hour), Before: time.Now().Add(hour)}, []string{"ann", "bob", "eve"}},
		{tasks.Filter{Since: time.Now().Add(hour)}, nil},
		{tasks.Filter{Before: time.Now().Add(-hour)}, nil},
		{tasks.Filter{After: ids["ann"], Limit: 1}, []string{"bob"}},
	} {
		var keys []string
		for _, f := range failed(t, q, choice.filter) {
			keys = append(keys, f.Key)
		}
		require.Equal(t, choice.found, keys, "%+v", choice.filter)
	}
}

func TestOperatorsAndTasks(t *testing.T) {
	l := &log{}
	db, q, ids := failing(t, l)
	ctx, mended := t.Context(), []byte(`"mended"`)

	require.True(t, fault.Is(q.Drop(ctx, ids["eve"]), fault.Conflict), "it may be under way")
	require.True(t, fault.Is(q.Edit(ctx, ids["eve"], mended), fault.Conflict))
	require.True(t, fault.Is(q.Edit(ctx, ids["ann"], []byte(`"`)), fault.Invalid))
	_, err := q.Find(ctx, "no such task")
	require.True(t, fault.Is(err, fault.NotFound))

	no := errors.New("not after all")
	require.ErrorIs(t, db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error {
		before, err := q.Find(ctx, ids["ann"])
		require.NoError(t, err)
		require.Equal(t, tasks.Parked, before.State)
		require.NoError(t, q.Drop(ctx, ids["ann"]))
		_, err = q.Find(ctx, ids["ann"])
		require.True(t, fault.Is(err, fault.NotFound))
		return no
	}), no)
	require.Len(t, failed(t, q, tasks.Filter{State: tasks.Parked}), 2)

	require.NoError(t, q.Edit(ctx, ids["ann"], mended))
	require.NoError(t, q.Drop(ctx, ids["bob"]))
	require.NoError(t, q.Retry(ctx, ids["eve"]), "now, and not in an hour")
	require.Eventually(t, func() bool {
		list := failed(t, q, tasks.Filter{})
		return len(list) == 1 && list[0].Key == "eve" && list[0].Attempt == 1 && len(l.keys()) == 1
	}, soon, often)
	require.Equal(t, []string{"ann"}, l.keys())
}
