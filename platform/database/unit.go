package database

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A unit is what a context belongs to inside Do or Read.
type unit struct {
	db     *DB
	tx     *gorm.DB
	writes bool
	alone  bool // in its transaction
	over   bool
	lost   error // to another transaction, whether or not who ran the statement minded
	after  []func()
	late   []late // written for the whole group, before its commit
}

type unitKey struct{}

func unitOf(ctx context.Context) *unit {
	u, _ := ctx.Value(unitKey{}).(*unit)
	return u
}

// Do runs change as one unit of work and returns after its durable commit, with change's own error
// where it failed. Within change's ctx a further Do, Read or Query of the same database joins it.
//
// change may run more than once, may share its transaction with changes of other callers and may see
// what earlier members of that group wrote; it must have no effect outside the transaction and calls
// no other module. It does not see the caller's cancellation. A commit of which nobody knows whether
// it happened is fault.Unknown.
func (db *DB) Do(ctx context.Context, change func(ctx context.Context, tx *gorm.DB) error) error {
	u := unitOf(ctx)
	switch {
	case u == nil:
		if err := db.gone(); err != nil {
			return err
		}
		return db.writer.do(ctx, change)
	case u.db != db && !u.writes:
		return fault.New(fault.Internal, "a unit of work of %s inside a read of %s: finish the read first", db.name, u.db.name)
	case !u.writes:
		return fault.New(fault.Internal, "a read of %s cannot write: call Do outside of it", db.name)
	}
	return u.join(ctx, db, change)
}

// Read runs query on one consistent snapshot. It cannot write.
func (db *DB) Read(ctx context.Context, query func(ctx context.Context, tx *gorm.DB) error) error {
	return db.reading(ctx, query, func(on func(gorm.ConnPool) error) error {
		tx, err := db.engine.read(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		return on(tx)
	})
}

// Query is Read for a single SELECT, which sees one snapshot by itself: it costs one round trip to a server
// where Read costs three. A second statement is refused, and so is one that does not begin with SELECT. query
// may run more than once. Within a unit of work it joins that, as Read does.
func (db *DB) Query(ctx context.Context, query func(ctx context.Context, tx *gorm.DB) error) error {
	return db.reading(ctx, query, func(on func(gorm.ConnPool) error) error {
		return db.engine.query(func(pool *sql.DB) error {
			one := &single{ConnPool: pool}
			err := on(one)
			return cmp.Or(one.refused, err)
		})
	})
}

// reading runs query on what run has for it, or in the unit of work that ctx belongs to.
func (db *DB) reading(ctx context.Context, query func(context.Context, *gorm.DB) error, run func(on func(gorm.ConnPool) error) error) error {
	if u := unitOf(ctx); u != nil && (u.db == db || u.writes) {
		return u.join(ctx, db, query)
	}
	if err := db.enter(); err != nil {
		return err
	}
	defer db.users.Done()

	return db.engine.explain(run(func(pool gorm.ConnPool) error {
		u := &unit{db: db}
		defer func() { u.over = true }()
		ctx := context.WithValue(ctx, unitKey{}, u)
		u.tx = db.session(ctx, pool)
		return query(ctx, u.tx)
	}))
}

// Current returns the transaction of the unit of work of this database that ctx belongs to, if any.
func (db *DB) Current(ctx context.Context) (tx *gorm.DB, ok bool) {
	u := unitOf(ctx)
	if u == nil || u.db != db || !u.writes || u.over {
		return nil, false
	}
	return u.tx, true
}

// AfterCommit runs f once the unit of work that ctx belongs to is durably committed; never if it is not.
// The functions of a unit run in order, before its Do returns. Outside a unit of work it panics.
func AfterCommit(ctx context.Context, f func()) {
	u := unitOf(ctx)
	if u == nil || !u.writes || u.over {
		panic("database: AfterCommit outside a unit of work")
	}
	u.after = append(u.after, f)
}

// join runs f as a part of the unit.
func (u *unit) join(ctx context.Context, db *DB, f func(ctx context.Context, tx *gorm.DB) error) error {
	if u.db != db {
		return fault.New(fault.Internal, "the database of %s inside a unit of work of %s: ask first, then write", db.name, u.db.name)
	}
	if u.over {
		return fault.New(fault.Internal, "this unit of work of %s is over: its context does not outlive it", db.name)
	}
	return f(ctx, u.tx)
}

// session returns a GORM handle on what runs statements. It can neither commit nor roll back.
func (db *DB) session(ctx context.Context, on gorm.ConnPool) *gorm.DB {
	s := db.orm.Session(&gorm.Session{NewDB: true, Context: ctx})
	s.Statement.ConnPool = statements{on}
	return s
}

// statements hides that a transaction could be ended.
type statements struct{ gorm.ConnPool }

// single runs one SELECT.
type single struct {
	gorm.ConnPool
	used    bool
	refused error // what else was asked for, whatever became of the answer
}

// QueryContext runs it.
func (s *single) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if !s.take(query) {
		return nil, s.refused
	}
	return s.ConnPool.QueryContext(ctx, query, args...)
}

// QueryRowContext runs it. What is refused finds its context cancelled: a Row cannot be made to say more.
func (s *single) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if !s.take(query) {
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		ctx = cancelled
	}
	return s.ConnPool.QueryRowContext(ctx, query, args...)
}

// ExecContext refuses what is no query.
func (s *single) ExecContext(_ context.Context, query string, _ ...any) (sql.Result, error) {
	s.refuse(query)
	return nil, s.refused
}

// PrepareContext refuses what could run more often.
func (s *single) PrepareContext(_ context.Context, query string) (*sql.Stmt, error) {
	s.refuse(query)
	return nil, s.refused
}

// take reports whether it is the one.
func (s *single) take(query string) bool {
	if s.used || !strings.HasPrefix(query, "SELECT ") {
		s.refuse(query)
		return false
	}
	s.used = true
	return true
}

func (s *single) refuse(query string) {
	s.refused = fault.New(fault.Internal, "Query runs one SELECT, use Read for several and Do to write: %s", query)
}
