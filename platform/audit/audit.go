// Package audit keeps who did what to whose things.
package audit

import (
	"context"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Log is the audit log of one module, in its own database.
type Log struct{ db *database.DB }

// New returns the log of db's module.
func New(db *database.DB) *Log { return &Log{db: db} }

// Record keeps that the caller of the request (auth.From) did action, such as "order.read", to the
// object with that id, which belongs to owner. It joins the unit of work that ctx belongs to, if any.
func (l *Log) Record(ctx context.Context, action, object, owner string) error { panic("unwritten") }
