package tasks

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Parked is a task that was given up and waits for an operator.
type Parked struct {
	Task
	Error string
	Since time.Time
}

// Parked lists at most limit parked tasks, the oldest first.
func (q *Queue) Parked(ctx context.Context, limit int) ([]Parked, error) {
	var rows []row
	err := q.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("state = ?", parked).Order("parked_at, id").Limit(limit).Find(&rows).Error
	})
	list := make([]Parked, len(rows))
	for i, r := range rows {
		list[i] = Parked{Task: r.task(), Error: r.LastError, Since: time.UnixMicro(r.ParkedAt).UTC()}
		list[i].Attempt = r.Failures
	}
	return list, err
}

// Retry gives a parked task all its attempts again.
func (q *Queue) Retry(ctx context.Context, id string) error {
	return q.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		again := map[string]any{"state": waiting, "failures": 0, "parked_at": 0, "due_at": time.Now().UnixMicro()}
		database.AfterCommit(ctx, q.nudge)
		return found(id, tx.Model(&row{}).Where("id = ? AND state = ?", id, parked).Updates(again))
	})
}

// Drop deletes a parked task undone.
func (q *Queue) Drop(ctx context.Context, id string) error {
	return q.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return found(id, tx.Where("id = ? AND state = ?", id, parked).Delete(&row{}))
	})
}

func found(id string, result *gorm.DB) error {
	if result.Error == nil && result.RowsAffected == 0 {
		return fault.New(fault.NotFound, "no parked task has the id %s", id)
	}
	return result.Error
}

// Pending counts the tasks that are to be done, now or later, and those being done. It is zero when the
// module is at rest.
func (q *Queue) Pending(ctx context.Context) (int, error) {
	var n int64
	err := q.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&row{}).Where("state = ?", waiting).Count(&n).Error
	})
	return int(n), err
}
