package inbox

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
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

// A LetterFilter chooses letters, in the order of their ids. What is empty is not asked for.
type LetterFilter struct {
	State         State
	Dead          bool // dead letters and those behind them
	Name          string
	Source, Key   string
	Error         string    // a part of it, whatever the case of its letters
	Since, Before time.Time // received at or after, and before
	After         string    // an id; those after it
	Limit         int       // 0: 100
}

// Letters lists what is kept.
func (i *Inbox) Letters(ctx context.Context, f LetterFilter) ([]Letter, error) {
	return i.letters(ctx, f.choose)
}

// Letter shows one that is kept. Within a unit of work nobody else changes it before that ends.
func (i *Inbox) Letter(ctx context.Context, id string) (Letter, error) {
	if tx, writes := i.db.Current(ctx); writes {
		if _, err := hold(tx, id); err != nil {
			return Letter{}, err
		}
	}
	list, err := i.letters(ctx, func(tx *gorm.DB) *gorm.DB { return tx.Where("m.event_id = ?", id) })
	if err == nil && len(list) == 0 {
		err = noLetter(id)
	}
	if err != nil {
		return Letter{}, err
	}
	return list[0], nil
}

func (f LetterFilter) choose(tx *gorm.DB) *gorm.DB {
	for column, value := range map[string]string{
		"m.state": string(f.State), "m.name": f.Name, "m.source": f.Source, "m.event_key": f.Key,
	} {
		if value != "" {
			tx = tx.Where(column+" = ?", value)
		}
	}
	if f.Dead {
		tx = tx.Where("h.state = ?", Parked)
	}
	if f.Error != "" {
		tx = tx.Where(database.Contains("m.last_error", f.Error))
	}
	if !f.Since.IsZero() {
		tx = tx.Where("m.received_at >= ?", f.Since.UnixMicro())
	}
	if !f.Before.IsZero() {
		tx = tx.Where("m.received_at < ?", f.Before.UnixMicro())
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	return tx.Where("m.event_id > ?", f.After).Order("m.event_id").Limit(f.Limit)
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
	err := i.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
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

// hold locks the lane of a letter, in which nobody else changes anything then, and returns the letter.
func hold(tx *gorm.DB, id string) (messageRow, error) {
	var row messageRow
	err := tx.Where("event_id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, noLetter(id)
	}
	if err != nil {
		return row, err
	}
	lane := laneID{row.Source, row.EventKey}
	if _, err := lock(tx, lane); err != nil {
		return row, err
	}
	row, found, err := find(tx, lane, row.N)
	if err == nil && !found {
		err = noLetter(id)
	}
	return row, err
}

func noLetter(id string) error {
	return fault.New(fault.NotFound, "no message %s is kept: it was handled, dropped or never came", id)
}
