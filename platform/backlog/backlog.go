// Package backlog lists what a module has not finished: what it has yet to tell, what it was told and
// keeps, and what it has yet to do. At rest only what waits for an operator is left.
//
// It looks at the tables of packages outbox, inbox and tasks together and changes nothing, so that it
// also works beside the process that does.
package backlog

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Kind says what sort of thing is not finished.
type Kind string

// The kinds.
const (
	Delivery Kind = "delivery" // an event that its destination does not have yet
	Message  Kind = "message"  // an event that was received and could not be applied yet
	Task     Kind = "task"     // something to be done outside a transaction, or later
)

// A State says what an item waits for.
type State string

// The states.
const (
	Waiting  State = "waiting"  // for its turn
	Retrying State = "retrying" // for another attempt
	Parked   State = "parked"   // for an operator: a dead letter
)

// An Item is something that is not finished.
type Item struct {
	Module  string // whose database it is in
	Peer    string // the destination of a delivery, the source of a message
	Kind    Kind
	State   State
	Name    string // the event's name, or the task's kind
	Key     string // what it is about
	Payload string // empty for deliveries
	Error   string // of the last attempt
	Due     time.Time
}

// Of lists what the module of db has not finished, on one snapshot.
func Of(ctx context.Context, db *database.DB) (items []Item, err error) {
	err = db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		items = nil
		for _, list := range []func(*gorm.DB) ([]row, error){deliveries, messages, tasks} {
			rows, err := list(tx)
			if err != nil {
				return err
			}
			for _, r := range rows {
				items = append(items, r.item(db.Name()))
			}
		}
		return nil
	})
	return items, err
}

type row struct {
	Peer    string
	Kind    Kind
	State   State
	Name    string
	Key     string `gorm:"column:about"`
	Payload string
	Error   string
	Due     int64
}

func deliveries(tx *gorm.DB) (rows []row, err error) {
	err = tx.Table("outbox_deliveries AS d").Joins("LEFT JOIN outbox_events AS e ON e.id = d.event_id").
		Select("d.dest AS peer, 'delivery' AS kind, 'waiting' AS state, COALESCE(e.name, '') AS name, d.event_key AS about, " +
			"COALESCE(e.occurred_at, 0) AS due").
		Order("d.dest, d.event_id").Find(&rows).Error
	return rows, err
}

func messages(tx *gorm.DB) (rows []row, err error) {
	err = tx.Table("inbox_messages").
		Select("source AS peer, 'message' AS kind, state, name, event_key AS about, payload, last_error AS error, due_at AS due").
		Find(&rows).Error
	return rows, err
}

func tasks(tx *gorm.DB) (rows []row, err error) {
	err = tx.Table("tasks").
		Select("'task' AS kind, state, kind AS name, task_key AS about, payload, last_error AS error, due_at AS due").
		Find(&rows).Error
	return rows, err
}

func (r row) item(module string) Item {
	return Item{
		Module: module, Peer: r.Peer, Kind: r.Kind, State: r.State, Name: r.Name, Key: r.Key,
		Payload: r.Payload, Error: r.Error, Due: time.UnixMicro(r.Due).UTC(),
	}
}
