package tasks

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// The states of a task. One that is done is deleted.
const (
	waiting = "waiting"
	parked  = "parked"
)

// row is a task as the database sees it.
type row struct {
	ID        string `gorm:"column:id;primaryKey"`
	Kind      string `gorm:"column:kind"`
	Key       string `gorm:"column:task_key"`
	Payload   string `gorm:"column:payload"`
	State     string `gorm:"column:state"`
	Failures  int    `gorm:"column:failures"`
	LastError string `gorm:"column:last_error"`
	CreatedAt int64  `gorm:"column:created_at;autoCreateTime:false"`
	DueAt     int64  `gorm:"column:due_at"`
	ParkedAt  int64  `gorm:"column:parked_at"`
	Owner     string `gorm:"column:owner"` // the instance that does it
}

func (row) TableName() string { return "tasks" }

func (r row) task() Task {
	return Task{ID: r.ID, Kind: r.Kind, Key: r.Key, Payload: json.RawMessage(r.Payload), Attempt: r.Failures + 1}
}

// next returns the waiting tasks of ours that are due first, at most limit, due or not.
func (q *Queue) next(ctx context.Context, limit int) ([]row, error) {
	var rows []row
	err := q.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("state = ? AND owner = ?", waiting, q.db.Instance()).Order("due_at, id").Limit(limit).Find(&rows).Error
	})
	return rows, err
}

// Pending counts the tasks that are to be done, now or later, and those being done. It is zero when the
// module is at rest.
func (q *Queue) Pending(ctx context.Context) (int, error) {
	var n int64
	err := q.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&row{}).Where("state = ?", waiting).Count(&n).Error
	})
	return int(n), err
}

// done deletes a task, unless an operator has edited it meanwhile: then something else is to be done.
func (q *Queue) done(ctx context.Context, r row) error {
	return q.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("id = ? AND payload = ?", r.ID, r.Payload).Delete(&row{}).Error
	})
}

// failed keeps the error of a task for its next attempt or, if there is none, parks it. Where others have
// tried it meanwhile, or an operator has it tried anew, the attempt does not count.
func (q *Queue) failed(ctx context.Context, r row, cause error, last bool) error {
	changes := map[string]any{"failures": r.Failures + 1, "last_error": brief(cause)}
	if last {
		changes["state"], changes["parked_at"] = parked, time.Now().UnixMicro()
	} else {
		changes["due_at"] = time.Now().Add(q.policy.pause(r.Failures+1, cause)).UnixMicro()
	}
	return q.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&row{}).Where("id = ? AND state = ? AND failures = ? AND payload = ?", r.ID, waiting, r.Failures, r.Payload).
			Updates(changes).Error
	})
}

// brief is an error's text, as much of it as anybody reads.
func brief(err error) string {
	const most = 4096
	text := database.Text(err.Error())
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}
