package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Fenced says why a database is not to be opened: the module is moving to it, or has moved away from it. There
// is at most one database of a module without a fence.
type Fenced struct {
	Module string
	State  FenceState
	Move   string // its id
	Place  string // the other one
	Since  time.Time
}

// FenceState is what a fence stands for.
type FenceState string

// The states. A database that may be opened has no fence.
const (
	Standby  FenceState = "standby"  // rows are on their way here
	Released FenceState = "released" // the rows have gone, and what is here is the old copy
)

// Error says where to go instead.
func (f *Fenced) Error() string {
	if f.State == Standby {
		return fmt.Sprintf("the move of %s from %s to here was not finished: run pangaea move again, with the settings from before it", f.Module, f.Place)
	}
	return fmt.Sprintf("%s has moved from here to %s on %s: give it the settings that pangaea move printed, or move it back",
		f.Module, f.Place, f.Since.Format(time.RFC3339))
}

// unfenced returns a *Fenced if the named module's database is not to be opened.
func unfenced(ctx context.Context, db querier, name string) error {
	f, since := Fenced{Module: name}, int64(0)
	err := db.QueryRowContext(ctx, "SELECT move, state, place, set_at FROM fence").Scan(&f.Move, &f.State, &f.Place, &since)
	switch {
	case errors.Is(err, sql.ErrNoRows), noTable(err):
		return nil
	case err != nil:
		return fmt.Errorf("find out whether it has moved: %w", err)
	}
	f.Since = time.UnixMicro(since).UTC()
	return &f
}

// putUp puts a fence up, in the place of the one that is there.
func (f *Fenced) putUp(ctx context.Context, to execer, bind func(n int) string) error {
	if _, err := to.ExecContext(ctx, "DELETE FROM fence"); err != nil {
		return err
	}
	_, err := to.ExecContext(ctx, fmt.Sprintf("INSERT INTO fence (move, state, place, set_at) VALUES (%s, %s, %s, %s)", bind(1), bind(2), bind(3), bind(4)),
		f.Move, string(f.State), f.Place, time.Now().UnixMicro())
	return err
}

// A querier is a connection, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// An execer is one too.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
