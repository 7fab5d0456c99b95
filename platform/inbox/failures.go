package inbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// Hopeless marks a failure that trying again cannot mend: the message is parked at once.
func Hopeless(err error) error { return &hopeless{err} }

type hopeless struct{ error }

func (h *hopeless) Unwrap() error { return h.error }

// note keeps a message that failed, to be tried again or as a dead letter, after its attempt was rolled
// back. With the next number of its lane missing, later messages wait.
func (i *Inbox) note(ctx context.Context, l envelope.Label, m *message.Message, failure error) error {
	fresh, err := newMessageRow(l, m, i.db.Instance())
	if err != nil {
		return err
	}
	var row messageRow
	settled := false
	err = i.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		lane, err := lock(tx, laneID{l.Source, l.Key})
		if settled = l.Number <= lane.LastN; err != nil || settled { // somebody else succeeded meanwhile
			return err
		}
		kept, found, err := find(tx, laneID{l.Source, l.Key}, l.Number)
		if err != nil {
			return err
		}
		if settled = found && !bytes.Equal(kept.Payload, m.Payload); settled {
			return nil // an operator has edited it meanwhile, and that has not been tried
		}
		if row = fresh; found {
			row = kept
		}
		i.judge(&row, failure)
		if found {
			return tx.Save(&row).Error
		}
		return insert(tx, row)
	})
	if err == nil && !settled {
		i.tell(ctx, row, failure)
	}
	return err
}

// judge decides what becomes of a message after one more failure.
func (i *Inbox) judge(row *messageRow, failure error) {
	row.Attempts++
	row.LastError = database.Text(failure.Error())
	row.State = Retrying
	var final *hopeless
	if row.Attempts >= i.options.Attempts || errors.As(failure, &final) {
		row.State = Parked
		return
	}
	row.DueAt = time.Now().Add(i.options.Backoff(row.Attempts)).UnixMicro()
}

func (i *Inbox) tell(ctx context.Context, row messageRow, failure error) {
	i.watch.failed.Inc()
	level, text := slog.LevelWarn, "a message failed and is tried again"
	if row.State == Parked {
		i.watch.parked.Inc()
		level, text = slog.LevelError, "a message was given up: a dead letter waits for an operator"
	}
	slog.Log(ctx, level, text, "module", i.db.Name(), "event", row.Name, "id", row.EventID,
		"source", row.Source, "key", row.EventKey, "attempts", row.Attempts, "error", failure)
}

// strange labels a message that does not say what it is, so that it can be kept in a lane of its own.
func strange(m *message.Message, l envelope.Label) envelope.Label {
	l.Source, l.Number = "?", 1
	l.Key = cmp.Or(m.UUID, uuid.NewString())
	l.ID = cmp.Or(l.ID, l.Key)
	l.Name = cmp.Or(l.Name, "?")
	return l
}
