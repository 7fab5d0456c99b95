// Package tasks does what a transaction cannot: calls to the outside world and things that are due
// later. A task is a row, written in the transaction that wants it and done after it, at least once.
//
//	Do{ … queue.Add(ctx, "capture", payment.ID, …) }  ──▶ row ──▶ handler ─┬─ nil ────────▶ row deleted
//	                                                      ▲                ├─ error ──────▶ again, later
//	                                       operator: Retry └── parked ◀────┴─ 10th error, or Permanent
//
// A process that dies while it does a task does it again after its start, so a handler passes the
// task's key on as idempotency key. Of several processes that share a database, the one that added a task
// does it, or the one that takes over from it.
package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Task is something to be done.
type Task struct {
	ID      string
	Kind    string
	Key     string // what it is about; unique together with Kind. Use it as idempotency key outside
	Payload json.RawMessage
	Attempt int // 1 for the first
}

// A Queue holds the tasks of one module.
type Queue struct {
	db       *database.DB
	policy   Policy
	handlers map[string]handler
	wake     chan struct{} // something may be due

	mu      sync.Mutex
	running map[string]bool // ids
	moved   time.Time       // when the last one ended, at first when the queue was made
	stop    func(context.Context) error
}

type handler func(ctx context.Context, task Task) error

// New returns the queue of db's module.
func New(db *database.DB) *Queue {
	return &Queue{
		db:       db,
		policy:   standard,
		handlers: map[string]handler{},
		wake:     make(chan struct{}, 1),
		running:  map[string]bool{},
		moved:    time.Now(),
	}
}

// Handle names what does tasks of a kind. do runs outside any transaction, several at once but never
// two for one task; nil means done, and an error that it is to be done again, with back-off, until it
// is parked as a dead letter after the last attempt. All kinds are named before the queue starts.
func (q *Queue) Handle(kind string, do func(ctx context.Context, task Task) error) {
	if _, twice := q.handlers[kind]; twice || q.stop != nil {
		panic("tasks: the handler of " + kind + " is named twice or after the start")
	}
	q.handlers[kind] = do
}

// Add puts a task into the unit of work that ctx belongs to, to be done at due or as soon as possible
// if due is zero. A task of the same kind and key that is there already stays as it is.
func (q *Queue) Add(ctx context.Context, kind, key string, payload any, due time.Time) error {
	tx, err := q.joined(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("payload of task %s %s: %w", kind, key, err)
	}
	now := time.Now()
	if due.IsZero() {
		due = now
	}
	r := row{
		ID: uuid.Must(uuid.NewV7()).String(), Kind: kind, Key: key, Payload: string(text),
		State: waiting, CreatedAt: now.UnixMicro(), DueAt: due.UnixMicro(),
		Owner: q.db.Instance(),
	}
	if time.Until(due) < safetyNet { // the queue looks by itself before any later task is due
		database.AfterCommit(ctx, q.nudge)
	}
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error
}

// Cancel takes a task that is not yet being done out of the queue, with the unit of work that ctx belongs to.
// One that is being done right now is not interrupted, and not done again if it fails.
func (q *Queue) Cancel(ctx context.Context, kind, key string) error {
	tx, err := q.joined(ctx)
	if err != nil {
		return err
	}
	return tx.Where("kind = ? AND task_key = ? AND state = ?", kind, key, waiting).Delete(&row{}).Error
}

func (q *Queue) joined(ctx context.Context) (*gorm.DB, error) {
	tx, ok := q.db.Current(ctx)
	if !ok {
		return nil, fault.New(fault.Internal, "a task of %s is added or cancelled outside a unit of work", q.db.Name())
	}
	return tx, nil
}

// nudge makes the queue look for tasks.
func (q *Queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Permanent marks an error that another attempt would not heal: the task is parked at once.
func Permanent(err error) error { return permanent{err} }

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

func isPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}
