// Package guard keeps units of work apart that have no row in common to lock: one that counts what another
// is about to add, or that looks for what another is about to make.
//
//	Do{ Alone("tries of ann") · count · add } ──▶ commit
//	Do{ Alone("tries of ann")  ┄┄┄┄┄┄┄┄┄┄ waits ┄┄┄┄┄┄┄┄ ┄▶ · count · add } ──▶ commit
//
// A name is a row that the unit of work inserts and deletes again in its own transaction: whoever inserts the
// same one waits for the commit, on every server, and nothing is left to be cleared away. Where a row does stand for
// what is to be kept apart, lock that one instead: it costs nothing.
package guard

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Guard keeps apart the units of work of one database, in however many processes.
type Guard struct {
	db    *database.DB
	given *database.Batch[string]
}

// New returns the guard of a database. Two guards of the same database know the same names.
func New(db *database.DB) *Guard {
	return &Guard{db: db, given: database.NewBatch(takeAway)}
}

type row struct {
	Name string `gorm:"column:name;primaryKey"`
}

// TableName is the table of names.
func (row) TableName() string { return "guards" }

// Alone waits until no other unit of work is past its own call with one of these names, and keeps others
// waiting until the one that ctx belongs to has ended: what it reads from now on is still so when it
// commits. Names are taken one after the other. So that two do not wait for each other, everybody takes
// the one that is shared by more before the one that is shared by fewer, and both before locking rows.
// A name has at most 255 characters.
func (g *Guard) Alone(ctx context.Context, names ...string) error {
	tx, ok := g.db.Current(ctx)
	if !ok {
		return fault.New(fault.Internal, "a guard of %s outside a unit of work: its names are held as long as that", g.db.Name())
	}
	if tx.Name() == string(database.SQLite) {
		return nil // who writes is alone
	}
	var rows []row
	for _, name := range names {
		if r := (row{name}); !slices.Contains(rows, r) {
			rows = append(rows, r)
		}
	}
	g.given.Add(ctx, names...)
	return tx.Clauses(clause.OnConflict{ // an update, because only that locks a row of our own group's
		Columns:   []clause.Column{{Name: "name"}},
		DoUpdates: clause.AssignmentColumns([]string{"name"}),
	}).Create(&rows).Error
}

// takeAway deletes the names of a whole group. Others still wait for them, until its commit.
func takeAway(_ context.Context, tx *gorm.DB, names []string) error {
	return tx.Where("name IN ?", names).Delete(&row{}).Error
}
