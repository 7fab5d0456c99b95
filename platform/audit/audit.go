// Package audit keeps who did what to whose things.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// A Log is the audit log of one module, in its own database. It only grows.
type Log struct{ db *database.DB }

// New returns the log of db's module.
func New(db *database.DB) *Log { return &Log{db: db} }

// Record keeps that the caller of the request (auth.From) did action, such as "order.read", to the
// object with that id, which belongs to owner. It joins the unit of work that ctx belongs to, if any.
func (l *Log) Record(ctx context.Context, action, object, owner string) error {
	return l.Detail(ctx, action, object, owner, nil)
}

// Detail is Record with what else is to be known of it, by name, such as why it was done and what was there before.
func (l *Log) Detail(ctx context.Context, action, object, owner string, details map[string]string) error {
	text, err := json.Marshal(details)
	if err != nil {
		return err
	}
	actor, _ := auth.From(ctx)
	r := row{
		ID: uuid.Must(uuid.NewV7()).String(), Actor: actor.Subject, Roles: strings.Join(actor.Roles, " "),
		Action: action, Object: object, Owner: owner,
		Request: httpserver.RequestID(ctx), CreatedAt: time.Now().UnixMicro(),
	}
	return l.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(&r).Error; err != nil || len(details) == 0 {
			return err
		}
		return tx.Create(&detailsRow{Entry: r.ID, Details: string(text)}).Error
	})
}

// An Entry is one thing that was done.
type Entry struct {
	Actor   string   // the account that did it; empty: nobody was signed in
	Roles   []string // of the actor, at that moment
	Action  string
	Object  string
	Owner   string
	Request string // the request's id in the log
	At      time.Time
	Details map[string]string // nil where there are none
}

// Of lists what was done to the things of owner, at most limit entries, the latest first.
func (l *Log) Of(ctx context.Context, owner string, limit int) ([]Entry, error) {
	var rows []struct {
		Row     row `gorm:"embedded"`
		Details string
	}
	err := l.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("audit_log AS a").Joins("LEFT JOIN audit_details AS d ON d.entry = a.id").
			Select("a.*, COALESCE(d.details, 'null') AS details").
			Where("a.owner = ?", owner).Order("a.created_at DESC, a.id DESC").Limit(limit).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.Row.entry()
		if err := json.Unmarshal([]byte(r.Details), &entries[i].Details); err != nil {
			return nil, fmt.Errorf("details of entry %s of the audit log: %w", r.Row.ID, err)
		}
	}
	return entries, nil
}

// row is an entry as the database sees it.
type row struct {
	ID        string `gorm:"column:id;primaryKey"`
	Actor     string `gorm:"column:actor"`
	Roles     string `gorm:"column:roles"`
	Action    string `gorm:"column:action"`
	Object    string `gorm:"column:object"`
	Owner     string `gorm:"column:owner"`
	Request   string `gorm:"column:request"`
	CreatedAt int64  `gorm:"column:created_at;autoCreateTime:false"`
}

func (row) TableName() string { return "audit_log" }

func (r row) entry() Entry {
	return Entry{
		Actor: r.Actor, Roles: strings.Fields(r.Roles), Action: r.Action, Object: r.Object, Owner: r.Owner,
		Request: r.Request, At: time.UnixMicro(r.CreatedAt).UTC(),
	}
}

// detailsRow is what few entries have.
type detailsRow struct {
	Entry   string `gorm:"column:entry;primaryKey"`
	Details string `gorm:"column:details"`
}

func (detailsRow) TableName() string { return "audit_details" }
