package database

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A member is one caller's part in a group. Its change runs in the caller's own goroutine, so that a
// panic or an exit goes where it came from; the committer waits meanwhile.
type member struct {
	caller context.Context
	place  string // in its group
	change func(context.Context, *gorm.DB) error
	unit   *unit
	err    error // of the last run
	ended  bool  // the caller's goroutine is gone

	steps chan step     // to the caller
	ran   chan struct{} // from the caller
}

// A step tells a caller to run its change in tx, or that it is done.
type step struct {
	run func()
	err error
}

func newMember(ctx context.Context, change func(context.Context, *gorm.DB) error) *member {
	place, _ := ctx.Value(placeKey{}).(string)
	return &member{caller: ctx, place: place, change: change, steps: make(chan step, 1), ran: make(chan struct{})}
}

type placeKey struct{}

// Placed returns a context whose units of work run in the order of their places among those that share their
// transaction, after all that have none. Where a place stands for the rows that are locked first, such as the
// aggregate's, two transactions do not wait for each other in a circle.
func Placed(ctx context.Context, place string) context.Context {
	return context.WithValue(ctx, placeKey{}, place)
}

// follow does in the caller's goroutine what the committer asks for.
func (m *member) follow() error {
	for {
		s := <-m.steps
		if s.run != nil {
			s.run()
			continue
		}
		if s.err == nil {
			for _, f := range m.unit.after {
				f()
			}
		}
		return s.err
	}
}

// mayRun reports whether there is still somebody to run for.
func (m *member) mayRun() bool {
	if m.unit == nil && m.caller.Err() != nil { // cancelled before its first turn
		m.err, m.ended = errLeft(m.caller), true
	}
	return !m.ended
}

// run lets the caller run its change in tx, which may be its alone, and returns when it has.
func (m *member) run(db *DB, tx *sql.Tx, alone bool) {
	u := &unit{db: db, writes: true, alone: alone}
	ctx := context.WithValue(context.WithoutCancel(m.caller), unitKey{}, u)
	u.tx = db.session(ctx, tx)
	m.unit, m.err, m.ended = u, errEnded, true
	m.steps <- step{run: func() {
		defer func() { // also when change does not return
			u.over = true
			m.ran <- struct{}{}
		}()
		err := m.change(ctx, u.tx)
		m.err, m.ended = err, false
	}}
	<-m.ran
}

// trouble is the error that m has met, whether or not its change minded.
func (m *member) trouble() error {
	if m.unit != nil && m.unit.lost != nil {
		return m.unit.lost
	}
	return m.err
}

// errEnded is the result of a change that panicked or ended its goroutine.
var errEnded = errors.New("the change did not return")

func errLeft(ctx context.Context) error {
	return fault.New(fault.Unavailable, "not done, the caller gave up before its turn: %w", context.Cause(ctx))
}
