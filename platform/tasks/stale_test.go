package tasks_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A process that was stopped ends an attempt at a task that others have taken over, given up and edited since.
func TestAnEditIsNotTakenForWhatItReplaced(t *testing.T) {
	for name, outcome := range map[string]error{
		"which was done":   nil,
		"which has failed": tasks.Permanent(errors.New("no such address")),
	} {
		t.Run(name, func(t *testing.T) {
			db := databasetest.Open(t, "post", nil)
			begun, release, edited := make(chan struct{}), make(chan struct{}), make(chan struct{})
			q := tasks.New(db).With(hasty)
			q.Handle("mail", func(_ context.Context, task tasks.Task) error {
				if string(task.Payload) == `"mended"` {
					close(edited)
					return nil
				}
				close(begun)
				<-release
				return outcome
			})
			begin(t, q)
			add(t, db, q, "ann", time.Time{})
			<-begun

			given := map[string]any{"state": "parked", "failures": 1, "parked_at": 1}
			require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				return tx.Table("tasks").Where("task_key = ?", "ann").Updates(given).Error
			}))
			parked := failed(t, q, tasks.Filter{})
			require.NoError(t, q.Edit(t.Context(), parked[0].ID, json.RawMessage(`"mended"`)))
			close(release)

			rests(t, q)
			require.Empty(t, failed(t, q, tasks.Filter{}))
			select {
			case <-edited:
			default:
				t.Fatal("what was edited was never done")
			}
		})
	}
}

// Who asks for all attempts anew while the last one is under way gets them.
func TestARetryOutlivesTheAttemptUnderWay(t *testing.T) {
	db := databasetest.Open(t, "post", nil)
	last, release := make(chan struct{}), make(chan struct{})
	attempts := 0 // one at a time
	q := tasks.New(db).With(tasks.Policy{Attempts: 2, First: time.Millisecond, Longest: time.Millisecond})
	q.Handle("mail", func(context.Context, tasks.Task) error {
		attempts++
		if attempts == 2 {
			close(last)
			<-release
		}
		if attempts < 4 {
			return errors.New("nobody opens")
		}
		return nil
	})
	begin(t, q)
	add(t, db, q, "ann", time.Time{})
	<-last
	require.NoError(t, q.Retry(t.Context(), failed(t, q, tasks.Filter{})[0].ID))
	close(release)
	rests(t, q)
	require.Empty(t, failed(t, q, tasks.Filter{}), "two attempts more, of which the second succeeds")
}
