package knownbugs

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

const counterSchema = "CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL); INSERT INTO counters VALUES ('hits', 0);"

// statements are what a unit of work can run.
type statements interface {
	get(value *int) error
	set(value int) error
}

// A counter opens a database with a counter in it and returns what runs a unit of work there.
type counter func(t *testing.T) (do func(change func(statements) error) error)

// TestUnitsOfWorkCount is the test that transactions which begin deferred do not pass: reading and then
// writing never fails because others do so as well, and nothing is counted twice or lost.
func TestUnitsOfWorkCount(t *testing.T) {
	t.Run("alone", func(t *testing.T) { counts(t, own, 1) })
	t.Run("many", func(t *testing.T) { counts(t, own, 16) })
}

func counting(c counter) func(*testing.T) {
	return func(t *testing.T) {
		t.Run("a counter counts for one writer", func(t *testing.T) { counts(t, c, 1) })
		t.Run("a counter counts for many writers", func(t *testing.T) { counts(t, c, 16) })
	}
}

func counts(t *testing.T, open counter, writers int) {
	const each = 50
	do := open(t)
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				err := do(func(tx statements) error {
					var value int
					if err := tx.get(&value); err != nil {
						return err
					}
					return tx.set(value + 1)
				})
				if !assert.NoError(t, err) {
					return
				}
			}
		})
	}
	all.Wait()
	var value int
	require.NoError(t, do(func(tx statements) error { return tx.get(&value) }))
	require.Equal(t, writers*each, value)
}

const (
	getCounter = "SELECT value FROM counters WHERE name = 'hits'"
	setCounter = "UPDATE counters SET value = ? WHERE name = 'hits'"
)

// own counts in a file of the platform's.
func own(t *testing.T) func(func(statements) error) error {
	db, err := database.Open(t.Context(), "counter", database.Options{
		Dir:        t.TempDir(), // SQLite, whatever the other tests run on
		Migrations: fstest.MapFS{"sqlite/0001_counters.up.sql": {Data: []byte(counterSchema)}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return func(change func(statements) error) error {
		return db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error { return change(ownStatements{tx}) })
	}
}

type ownStatements struct{ tx *gorm.DB }

func (s ownStatements) get(value *int) error { return s.tx.Raw(getCounter).Scan(value).Error }
func (s ownStatements) set(value int) error  { return s.tx.Exec(setCounter, value).Error }

// deferred counts in an SQLite file as database/sql opens it, in write-ahead mode and with five seconds of
// patience: a transaction is a reader until it writes, and then it may be too late to become a writer.
func deferred(t *testing.T) func(func(statements) error) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "counter.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(counterSchema)
	require.NoError(t, err)
	return func(change func(statements) error) error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		if err := change(deferredStatements{tx}); err != nil {
			_ = tx.Rollback()
			return err
		}
		return tx.Commit()
	}
}

type deferredStatements struct{ tx *sql.Tx }

func (s deferredStatements) get(value *int) error { return s.tx.QueryRow(getCounter).Scan(value) }

func (s deferredStatements) set(value int) error {
	_, err := s.tx.Exec(setCounter, value)
	return err
}
