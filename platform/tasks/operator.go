package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An operator acts on tasks that failed, beside the process that does them or in it. Within a unit of work
// all of these join it.

// Retry has a task that failed done again now, with all its attempts before it.
func (q *Queue) Retry(ctx context.Context, id string) error {
	return q.act(ctx, id, func(tx *gorm.DB, r row) error { return again(tx, r, r.Payload) })
}

// Edit gives a parked task another payload and has it done again.
func (q *Queue) Edit(ctx context.Context, id string, payload json.RawMessage) error {
	if !json.Valid(payload) {
		return fault.Wrong("payload", "must be JSON")
	}
	return q.act(ctx, id, func(tx *gorm.DB, r row) error {
		if r.State != parked {
			return underWay(id)
		}
		return again(tx, r, string(payload))
	})
}

// Drop deletes a parked task undone.
func (q *Queue) Drop(ctx context.Context, id string) error {
	return q.act(ctx, id, func(tx *gorm.DB, r row) error {
		if r.State != parked {
			return underWay(id)
		}
		return tx.Delete(&r).Error
	})
}

// act changes a task that failed.
func (q *Queue) act(ctx context.Context, id string, change func(*gorm.DB, row) error) error {
	return q.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		r, err := hold(tx, id)
		if err != nil {
			return err
		}
		database.AfterCommit(ctx, q.nudge)
		return change(tx, r)
	})
}

// again leaves the task to its owner, who looks for what is due.
func again(tx *gorm.DB, r row, payload string) error {
	return tx.Model(&r).Updates(map[string]any{
		"state": waiting, "failures": 0, "parked_at": 0, "due_at": time.Now().UnixMicro(), "payload": payload,
	}).Error
}

// hold locks a task that failed and returns it.
func hold(tx *gorm.DB, id string) (r row, err error) {
	err = tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where(hasFailed).Where("id = ?", id).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = noTask(id)
	}
	return r, err
}

func noTask(id string) error {
	return fault.New(fault.NotFound, "no task %s has failed: it was done, dropped or never there", id)
}

// underWay spares what is not ours to change: the process that does tasks may be doing this one.
func underWay(id string) error {
	return fault.New(fault.Conflict, "task %s is tried again by itself and may be under way: act on it once it is parked", id).WithCode("task-retries")
}
