// Package audit keeps who did what to whose things.
package audit

import (
	"context"
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
	actor, _ := auth.From(ctx)
	r := row{
		ID: uuid.Must(uuid.NewV7()).String(), Actor: actor.Subject, Roles: strings.Join(actor.Roles, " "),
		Action: action, Object: object, Owner: owner,
		Request: httpserver.RequestID(ctx), CreatedAt: time.Now().UnixMicro(),
	}
	return l.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&r).Error })
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
}

// Of lists what was done to the things of owner, at most limit entries, the latest first.
func (l *Log) Of(ctx context.Context, owner string, limit int) ([]Entry, error) {
	var rows []row
	err := l.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("owner = ?", owner).Order("created_at DESC, id DESC").Limit(limit).Find(&rows).Error
	})
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = Entry{
			Actor: r.Actor, Roles: strings.Fields(r.Roles), Action: r.Action, Object: r.Object, Owner: r.Owner,
			Request: r.Request, At: time.UnixMicro(r.CreatedAt).UTC(),
		}
	}
	return entries, err
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
