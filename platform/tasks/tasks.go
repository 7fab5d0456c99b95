// Package tasks does what a transaction cannot: calls to the outside world and things that are due
// later. A task is a row, written in the transaction that wants it and done after it, at least once.
package tasks

import (
	"context"
	"encoding/json"
	"time"

	"github.com/pangaea-shop/pangaea/platform/database"
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
type Queue struct{ db *database.DB }

// New returns the queue of db's module.
func New(db *database.DB) *Queue { return &Queue{db: db} }

// Handle names what does tasks of a kind. do runs outside any transaction, several at once but never
// two for one task; nil means done, and an error that it is to be done again, with back-off, until it
// is parked as a dead letter after the last attempt. All kinds are named before the queue starts.
func (q *Queue) Handle(kind string, do func(ctx context.Context, task Task) error) { panic("unwritten") }

// Add puts a task into the unit of work that ctx belongs to, to be done at due or as soon as possible
// if due is zero. A task of the same kind and key that is there already stays as it is.
func (q *Queue) Add(ctx context.Context, kind, key string, payload any, due time.Time) error {
	panic("unwritten")
}

// Cancel takes a task that is not yet being done out of the queue, with the unit of work that ctx belongs to.
func (q *Queue) Cancel(ctx context.Context, kind, key string) error { panic("unwritten") }
