package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

// A Letter is a message that an inbox keeps, as an operator sees it.
type Letter struct {
	ID          string            `json:"id"` // the event's
	Name        string            `json:"name"`
	Source      string            `json:"source"`
	Key         string            `json:"key"`
	Number      int64             `json:"number"` // in its lane
	State       State             `json:"state"`
	Behind      string            `json:"behind,omitempty"` // the id of the letter that holds it up
	Attempts    int               `json:"attempts"`
	Error       string            `json:"error,omitempty"`
	Payload     string            `json:"payload"`
	Metadata    map[string]string `json:"metadata"`
	Trace       string            `json:"trace,omitempty"`
	Correlation string            `json:"correlation,omitempty"`
	ReceivedAt  time.Time         `json:"received_at"`
	DueAt       time.Time         `json:"due_at"` // when a retrying one is tried again
}

// A LetterFilter chooses letters, in the order of their ids.
type LetterFilter struct {
	State State  // empty: all
	After string // an id; those after it
	Limit int    // 0: 100
}

// Letters lists what is kept.
func (i *Inbox) Letters(ctx context.Context, f LetterFilter) ([]Letter, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	return i.letters(ctx, func(tx *gorm.DB) *gorm.DB {
		if f.State != "" {
			tx = tx.Where("m.state = ?", f.State)
		}
		return tx.Where("m.event_id > ?", f.After).Order("m.event_id").Limit(f.Limit)
	})
}

// Letter shows one that is kept.
func (i *Inbox) Letter(ctx context.Context, id string) (Letter, error) {
	list, err := i.letters(ctx, func(tx *gorm.DB) *gorm.DB { return tx.Where("m.event_id = ?", id) })
	if err == nil && len(list) == 0 {
		err = noLetter(id)
	}
	if err != nil {
		return Letter{}, err
	}
	return list[0], nil
}

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

func again(tx *gorm.DB, row messageRow) error {
	row.State, row.Attempts, row.DueAt = Retrying, 0, time.Now().UnixMicro()
	return tx.Save(&row).Error
}

// act changes a letter that failed, and has its lane looked at.
func (i *Inbox) act(ctx context.Context, id string, change func(*gorm.DB, messageRow) error) error {
	err := i.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		var row messageRow
		err := tx.Where("event_id = ?", id).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return noLetter(id)
		}
		if err != nil {
			return err
		}
		if _, err := lock(tx, laneID{row.Source, row.EventKey}); err != nil {
			return err
		}
		row, found, err := find(tx, laneID{row.Source, row.EventKey}, row.N)
		switch {
		case err != nil:
			return err
		case !found:
			return noLetter(id)
		case row.State == Waiting:
			return fault.New(fault.Conflict, "message %s waits for the one before it: act on that", id).WithCode("letter-waits")
		}
		return change(tx, row)
	})
	if err == nil {
		i.lookAround()
	}
	return err
}

func (i *Inbox) lookAround() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

func noLetter(id string) error {
	return fault.New(fault.NotFound, "no message %s is kept: it was handled, dropped or never came", id)
}

// Kept counts what an inbox keeps. At rest only dead letters and those behind them are left.
type Kept struct {
	Waiting  int64 // for a predecessor that is on its way
	Retrying int64
	Parked   int64
	Behind   int64 // wait behind a parked one
}

// Kept reports what is kept.
func (i *Inbox) Kept(ctx context.Context) (Kept, error) {
	var k Kept
	err := i.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		var rows []struct {
			State State
			Held  bool
			Count int64
		}
		err := tx.Table("inbox_messages AS m").Joins(headJoin).
			Select("m.state AS state, CASE WHEN h.state = 'parked' THEN 1 ELSE 0 END AS held, COUNT(*) AS count").
			Group("m.state, held").Find(&rows).Error
		for _, r := range rows {
			switch {
			case r.State == Parked:
				k.Parked += r.Count
			case r.State == Retrying:
				k.Retrying += r.Count
			case r.Held:
				k.Behind += r.Count
			default:
				k.Waiting += r.Count
			}
		}
		return err
	})
	return k, err
}

// headJoin adds the message whose turn it is in the lane, if it is kept.
const headJoin = "JOIN inbox_lanes AS l ON l.source = m.source AND l.event_key = m.event_key " +
	"LEFT JOIN inbox_messages AS h ON h.source = m.source AND h.event_key = m.event_key AND h.n = l.last_n + 1"

// letters reads what is kept together with what holds it up.
func (i *Inbox) letters(ctx context.Context, choose func(*gorm.DB) *gorm.DB) ([]Letter, error) {
	var rows []struct {
		Message messageRow `gorm:"embedded"`
		Head    string
	}
	err := i.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		query := tx.Table("inbox_messages AS m").Joins(headJoin).Select("m.*, COALESCE(h.event_id, '') AS head")
		return choose(query).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	list := make([]Letter, len(rows))
	for n, r := range rows {
		if list[n], err = r.Message.letter(); err != nil {
			return nil, err
		}
		if r.Head != r.Message.EventID {
			list[n].Behind = r.Head
		}
	}
	return list, nil
}

func (r messageRow) letter() (Letter, error) {
	m, err := r.message()
	if err != nil {
		return Letter{}, err
	}
	ctx := telemetry.Extract(context.Background(), propagation.MapCarrier(m.Metadata))
	return Letter{
		ID: r.EventID, Name: r.Name, Source: r.Source, Key: r.EventKey, Number: r.N, State: r.State,
		Attempts: r.Attempts, Error: r.LastError, Payload: string(r.Payload), Metadata: m.Metadata,
		Trace: telemetry.TraceID(ctx), Correlation: telemetry.Correlation(ctx),
		ReceivedAt: time.UnixMicro(r.ReceivedAt).UTC(), DueAt: time.UnixMicro(r.DueAt).UTC(),
	}, nil
}
