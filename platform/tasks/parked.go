package tasks

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A State says what a task that failed waits for.
type State string

// The states.
const (
	Parked   State = "parked"   // for an operator: it was given up
	Retrying State = "retrying" // for its next attempt
)

// A Failed is a task that failed. Its Attempt is how often it did.
type Failed struct {
	Task
	State State
	Error string    // the last one
	Since time.Time // when it was given up; before that, when it was added
	Due   time.Time // when a retrying one is tried again
}

// A Filter chooses tasks that failed, in the order of their ids. What is empty is not asked for.
type Filter struct {
	State         State
	Kind, Key     string
	Error         string    // a part of it, whatever the case of its letters
	Since, Before time.Time // Failed.Since at or after, and before
	After         string    // an id; those after it
	Limit         int       // 0: 100
}

// Failed lists tasks that failed and were not done since.
func (q *Queue) Failed(ctx context.Context, f Filter) ([]Failed, error) {
	return q.failures(ctx, f.choose)
}

// Parked lists at most limit parked tasks, the oldest first.
func (q *Queue) Parked(ctx context.Context, limit int) ([]Failed, error) {
	return q.Failed(ctx, Filter{State: Parked, Limit: limit})
}

// Find shows a task that failed. Within a unit of work nobody else changes it before that ends.
func (q *Queue) Find(ctx context.Context, id string) (Failed, error) {
	if tx, writes := q.db.Current(ctx); writes {
		r, err := hold(tx, id)
		return r.failed(), err
	}
	list, err := q.failures(ctx, func(tx *gorm.DB) *gorm.DB { return tx.Where("id = ?", id) })
	if err == nil && len(list) == 0 {
		err = noTask(id)
	}
	if err != nil {
		return Failed{}, err
	}
	return list[0], nil
}

// hasFailed is what the rows of Failed have in common.
const hasFailed = "(state = 'parked' OR failures > 0)"

// since is Failed.Since.
const since = "CASE WHEN parked_at > 0 THEN parked_at ELSE created_at END"

func (f Filter) choose(tx *gorm.DB) *gorm.DB {
	for column, value := range map[string]string{"kind": f.Kind, "task_key": f.Key} {
		if value != "" {
			tx = tx.Where(column+" = ?", value)
		}
	}
	switch f.State {
	case Parked:
		tx = tx.Where("state = ?", parked)
	case Retrying:
		tx = tx.Where("state = ?", waiting)
	}
	if f.Error != "" {
		tx = tx.Where(database.Contains("last_error", f.Error))
	}
	if !f.Since.IsZero() {
		tx = tx.Where(since+" >= ?", f.Since.UnixMicro())
	}
	if !f.Before.IsZero() {
		tx = tx.Where(since+" < ?", f.Before.UnixMicro())
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	return tx.Where("id > ?", f.After).Order("id").Limit(f.Limit)
}

func (q *Queue) failures(ctx context.Context, choose func(*gorm.DB) *gorm.DB) ([]Failed, error) {
	var rows []row
	err := q.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return choose(tx.Where(hasFailed)).Find(&rows).Error
	})
	list := make([]Failed, len(rows))
	for i, r := range rows {
		list[i] = r.failed()
	}
	return list, err
}

func (r row) failed() Failed {
	f := Failed{Task: r.task(), State: Retrying, Error: r.LastError, Due: time.UnixMicro(r.DueAt).UTC()}
	f.Attempt = r.Failures
	f.Since = time.UnixMicro(r.CreatedAt).UTC()
	if r.State == parked {
		f.State, f.Since = Parked, time.UnixMicro(r.ParkedAt).UTC()
	}
	return f
}
