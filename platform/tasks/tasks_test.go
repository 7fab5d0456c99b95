package tasks_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

const (
	soon  = 30 * time.Second
	often = 2 * time.Millisecond
)

// hasty tries again at once.
var hasty = tasks.Policy{First: time.Millisecond, Longest: 5 * time.Millisecond}

// log remembers what a handler was called with.
type log struct {
	mu    sync.Mutex
	tasks []tasks.Task
}

func (l *log) note(t tasks.Task) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tasks = append(l.tasks, t)
}

func (l *log) keys() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := []string{}
	for _, t := range l.tasks {
		keys = append(keys, t.Key)
	}
	return keys
}

func begin(t *testing.T, q *tasks.Queue) {
	t.Helper()
	require.NoError(t, q.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, q.Stop(context.Background())) })
}

func add(t *testing.T, db *database.DB, q *tasks.Queue, key string, due time.Time) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
		return q.Add(ctx, "mail", key, map[string]string{"to": key}, due)
	}))
}

// rests waits until nothing is pending.
func rests(t *testing.T, q *tasks.Queue) {
	t.Helper()
	require.Eventually(t, func() bool {
		n, err := q.Pending(t.Context())
		return err == nil && n == 0
	}, soon, often)
}

func TestTasks(t *testing.T) {
	open := func(t *testing.T) (*database.DB, *tasks.Queue, *log) {
		db := databasetest.Open(t, "post", nil)
		return db, tasks.New(db).With(hasty), &log{}
	}

	t.Run("done once after the commit, with what was said", func(t *testing.T) {
		db, q, l := open(t)
		q.Handle("mail", func(_ context.Context, task tasks.Task) error { l.note(task); return nil })
		begin(t, q)
		add(t, db, q, "ann", time.Time{})
		rests(t, q)
		require.Len(t, l.tasks, 1)
		require.Equal(t, "ann", l.tasks[0].Key)
		require.JSONEq(t, `{"to":"ann"}`, string(l.tasks[0].Payload))
		require.Equal(t, 1, l.tasks[0].Attempt)
	})

	t.Run("never done if the unit of work fails", func(t *testing.T) {
		db, q, l := open(t)
		q.Handle("mail", func(_ context.Context, task tasks.Task) error { l.note(task); return nil })
		begin(t, q)
		require.Error(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			require.NoError(t, q.Add(ctx, "mail", "ann", nil, time.Time{}))
			return errors.New("no")
		}))
		add(t, db, q, "bob", time.Time{})
		rests(t, q)
		require.Equal(t, []string{"bob"}, l.keys())
	})

	t.Run("outside a unit of work nothing can be added", func(t *testing.T) {
		_, q, _ := open(t)
		require.True(t, fault.Is(q.Add(t.Context(), "mail", "ann", nil, time.Time{}), fault.Internal))
	})

	t.Run("the same kind and key is one task", func(t *testing.T) {
		db, q, l := open(t)
		q.Handle("mail", func(_ context.Context, task tasks.Task) error { l.note(task); return nil })
		add(t, db, q, "ann", time.Time{})
		add(t, db, q, "ann", time.Time{})
		begin(t, q)
		rests(t, q)
		require.Equal(t, []string{"ann"}, l.keys())
	})

	t.Run("not before it is due, and in the order of dueness", func(t *testing.T) {
		db, q, l := open(t)
		due := time.Now().Add(600 * time.Millisecond)
		q.With(tasks.Policy{AtOnce: 1}).Handle("mail", func(_ context.Context, task tasks.Task) error {
			if task.Key == "late" && time.Now().Before(due) {
				t.Error("too early")
			}
			l.note(task)
			return nil
		})
		add(t, db, q, "late", due)
		add(t, db, q, "early", time.Now().Add(-time.Hour))
		begin(t, q)
		rests(t, q)
		require.Equal(t, []string{"early", "late"}, l.keys())
	})

	t.Run("cancelled it is not done", func(t *testing.T) {
		db, q, l := open(t)
		q.Handle("mail", func(_ context.Context, task tasks.Task) error { l.note(task); return nil })
		begin(t, q)
		add(t, db, q, "ann", time.Now().Add(time.Hour))
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			return q.Cancel(ctx, "mail", "ann")
		}))
		rests(t, q)
		require.Empty(t, l.keys())
	})

	t.Run("a failing one is tried again, and others do not wait for it", func(t *testing.T) {
		db, q, l := open(t)
		q.Handle("mail", func(_ context.Context, task tasks.Task) error {
			l.note(task)
			switch {
			case task.Key == "good", task.Attempt == 4:
				return nil
			case task.Attempt == 2:
				panic("oh")
			}
			return errors.New("not today")
		})
		begin(t, q)
		add(t, db, q, "bad", time.Time{})
		add(t, db, q, "good", time.Time{})
		rests(t, q)
		require.ElementsMatch(t, []string{"bad", "good", "bad", "bad", "bad"}, l.keys())
	})

	t.Run("never more at once than allowed, and every one of many", func(t *testing.T) {
		db, q, l := open(t)
		var now, most atomic.Int32
		q.With(tasks.Policy{AtOnce: 3}).Handle("mail", func(_ context.Context, task tasks.Task) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			l.note(task)
			return nil
		})
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			for i := range 300 {
				require.NoError(t, q.Add(ctx, "mail", string(rune(0x4e00+i)), nil, time.Time{}))
			}
			return nil
		}))
		begin(t, q)
		rests(t, q)
		require.Len(t, l.keys(), 300)
		require.LessOrEqual(t, most.Load(), int32(3))
	})
}

func TestParking(t *testing.T) {
	db := databasetest.Open(t, "post", nil)
	q := tasks.New(db).With(tasks.Policy{Attempts: 3, First: time.Millisecond})
	var attempts atomic.Int32
	var healed atomic.Bool
	q.Handle("mail", func(_ context.Context, task tasks.Task) error {
		attempts.Add(1)
		switch {
		case healed.Load():
			return nil
		case task.Key == "wrong":
			return tasks.Permanent(errors.New("no such address"))
		}
		return errors.New("not today")
	})
	begin(t, q)
	add(t, db, q, "stubborn", time.Time{})
	rests(t, q)
	require.Equal(t, int32(3), attempts.Load())
	add(t, db, q, "wrong", time.Time{})
	rests(t, q)
	require.Equal(t, int32(4), attempts.Load(), "permanent: one attempt")

	list, err := q.Parked(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, []any{"stubborn", 3, "not today"}, []any{list[0].Key, list[0].Attempt, list[0].Error})
	require.Equal(t, "no such address", list[1].Error)

	healed.Store(true)
	require.NoError(t, q.Retry(t.Context(), list[0].ID))
	require.NoError(t, q.Drop(t.Context(), list[1].ID))
	rests(t, q)
	require.Equal(t, int32(5), attempts.Load())
	require.True(t, fault.Is(q.Retry(t.Context(), list[0].ID), fault.NotFound))
}

func TestAStopDoesNotWaitForTheWorldOutside(t *testing.T) {
	db, begun := databasetest.Open(t, "post", nil), make(chan struct{})
	q := tasks.New(db).With(tasks.Policy{Grace: time.Millisecond})
	q.Handle("mail", func(ctx context.Context, _ tasks.Task) error {
		close(begun)
		<-ctx.Done() // nobody ever answers
		return ctx.Err()
	})
	require.NoError(t, q.Start(t.Context()))
	add(t, db, q, "ann", time.Time{})
	<-begun
	require.NoError(t, q.Stop(t.Context()))
}

func TestAProcessThatDiesDoesItAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	open := func() *database.DB {
		db, err := database.Open(t.Context(), "post", database.Options{Dir: dir})
		require.NoError(t, err)
		return db
	}
	first, begun := open(), make(chan struct{})
	q := tasks.New(first)
	q.Handle("mail", func(ctx context.Context, _ tasks.Task) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	require.NoError(t, q.Start(t.Context()))
	add(t, first, q, "ann", time.Time{})
	<-begun
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorContains(t, q.Stop(impatient), "still under way")
	require.NoError(t, first.Close())

	second, l := open(), &log{}
	defer func() { require.NoError(t, second.Close()) }()
	q = tasks.New(second)
	q.Handle("mail", func(_ context.Context, task tasks.Task) error { l.note(task); return nil })
	require.NoError(t, q.Start(t.Context()))
	defer func() { require.NoError(t, q.Stop(context.Background())) }()
	rests(t, q)
	require.Equal(t, []string{"ann"}, l.keys())
	require.Equal(t, 1, l.tasks[0].Attempt, "being cut off is no failure")
}

func TestATaskWhoseErrorIsNoTextIsParked(t *testing.T) {
	db := databasetest.Open(t, "post", nil)
	q := tasks.New(db).With(hasty)
	q.Handle("mail", func(context.Context, tasks.Task) error {
		return tasks.Permanent(errors.New("the answer was \x00\xff"))
	})
	begin(t, q)

	add(t, db, q, "ann", time.Time{})
	rests(t, q)

	list, err := q.Parked(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "the answer was ??", list[0].Error)
}
