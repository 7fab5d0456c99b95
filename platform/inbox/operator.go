package inbox

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An operator acts on letters that failed, beside the process that applies them or in it. Within a unit of
// work all of these join it.

// Retry has a letter that failed tried again now, with all its attempts before it. Those behind it follow.
func (i *Inbox) Retry(ctx context.Context, id string) error {
	return i.act(ctx, id, again)
}

// Edit gives a letter that failed another payload and has it tried again.
func (i *Inbox) Edit(ctx context.Context, id string, payload json.RawMessage) error {
	if !json.Valid(payload) {
		return fault.Wrong("payload", "must be JSON")
	}
	return i.act(ctx, id, func(tx *gorm.DB, row messageRow) error {
		row.Payload = payload
		return again(tx, row)
	})
}

// Drop gives a letter that failed up for good: it counts as handled without effect, and those behind it follow.
func (i *Inbox) Drop(ctx context.Context, id string) error { return i.act(ctx, id, remove) }

// again leaves the letter to its owner, who looks for what is due.
func again(tx *gorm.DB, row messageRow) error {
	row.State, row.Attempts, row.DueAt = Retrying, 0, time.Now().UnixMicro()
	return tx.Save(&row).Error
}

// act changes a letter that failed, and has its lane looked at.
func (i *Inbox) act(ctx context.Context, id string, change func(*gorm.DB, messageRow) error) error {
	return i.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		row, err := hold(tx, id)
		if err != nil {
			return err
		}
		if row.State == Waiting {
			return fault.New(fault.Conflict, "message %s waits for the one before it: act on that", id).WithCode("letter-waits")
		}
		database.AfterCommit(ctx, i.lookAround)
		return change(tx, row)
	})
}

func (i *Inbox) lookAround() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}
