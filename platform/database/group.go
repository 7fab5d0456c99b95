package database

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

// maxGroup bounds how many callers share a commit, and so how long the first of them waits for it.
const maxGroup = 128

// A committer runs the units of work of one database, as many in one transaction as are waiting, and as
// many transactions at a time as suit the engine.
type committer struct {
	db      *DB
	queue   chan *member // unbuffered: who is not taken yet can still leave
	quit    chan struct{}
	running sync.WaitGroup
	watch   *watch
	careful atomic.Int32 // so many groups more get savepoints
}

func newCommitter(db *DB) *committer {
	c := &committer{
		db:    db,
		queue: make(chan *member),
		quit:  make(chan struct{}),
		watch: newWatch(db.name),
	}
	for range db.engine.writers() {
		c.running.Go(c.run)
	}
	return c
}

// do queues change and returns when it is durable or known not to be.
func (c *committer) do(ctx context.Context, change func(context.Context, *gorm.DB) error) error {
	m := newMember(ctx, change)
	select {
	case c.queue <- m:
		return m.follow()
	case <-ctx.Done():
		return errLeft(ctx)
	case <-c.quit:
		return c.db.errClosed()
	}
}

// stop lets the group under way finish and takes no further one.
func (c *committer) stop() {
	close(c.quit)
	c.running.Wait()
}

func (c *committer) run() {
	for {
		select {
		case first := <-c.queue:
			c.commit(c.gather(first))
		case <-c.quit:
			return
		}
	}
}

// gather takes whoever is waiting, without waiting for more.
func (c *committer) gather(first *member) []*member {
	group := []*member{first}
	for len(group) < maxGroup {
		select {
		case m := <-c.queue:
			group = append(group, m)
		default:
			return group
		}
	}
	return group
}

// commit runs a group, in the order of its members' places.
func (c *committer) commit(group []*member) {
	slices.SortStableFunc(group, func(a, b *member) int { return strings.Compare(a.place, b.place) })
	c.settle(group)
}

// settle runs members and tells them what became of them. Where their transaction was lost, everybody runs once more
// alone; where what they left to be written failed, the halves do, until it shows whose it was.
func (c *committer) settle(group []*member) {
	start := time.Now()
	err := c.together(group)
	c.watch.observe(len(group), time.Since(start))
	switch half := len(group) / 2; {
	case half == 0:
		c.finish(group, c.persist(group[0], err))
	case errors.Is(err, errLost):
		c.again(slices.Collect(slices.Chunk(group, 1)))
	case errors.Is(err, errUnwritten):
		c.again([][]*member{group[:half], group[half:]})
	default:
		c.finish(group, err)
	}
}

func (c *committer) again(groups [][]*member) {
	for _, group := range groups {
		c.watch.reruns.Add(float64(len(group)))
		c.settle(group)
	}
}

// maxCollisions is how often a member that is alone in its transaction may run into somebody else.
const maxCollisions = 10

// persist runs a member again for as long as it runs into other transactions, after a pause that grows.
func (c *committer) persist(m *member, err error) error {
	for n := 1; n < maxCollisions && c.collided(err) && !m.ended; n++ {
		time.Sleep(rand.N(time.Duration(n) * 10 * time.Millisecond))
		c.watch.reruns.Inc()
		err = c.attempt([]*member{m}, false)
	}
	if errors.Is(err, errLost) {
		err = c.blame(m, err)
	}
	return err
}

// collided reports whether a lost transaction was lost to another one.
func (c *committer) collided(err error) bool {
	return errors.Is(err, errLost) && c.db.engine.collided(err)
}

// carefulGroups is how many groups get savepoints after one that was spoilt: where one member fails,
// others soon do.
const carefulGroups = 64

// together runs a group in one transaction, in the hope that nobody fails: then nobody needs a savepoint,
// which is two statements for each member and a copy of every page it writes. Where somebody does fail
// they run again, with savepoints.
func (c *committer) together(group []*member) error {
	if c.careful.Load() <= 0 || len(group) == 1 {
		err := c.attempt(group, false)
		if !errors.Is(err, errSpoilt) {
			return err
		}
		c.careful.Store(carefulGroups)
	}
	c.careful.Add(-1)
	return c.attempt(group, true)
}

// blame says why a member that had the transaction for itself has lost it.
func (c *committer) blame(m *member, lost error) error {
	if m.err != nil {
		return m.err
	}
	return c.db.engine.blame(lost)
}

// attempt runs the members in one transaction. Its error concerns all of them; theirs they have themselves.
func (c *committer) attempt(group []*member, savepoints bool) error {
	tx, err := c.db.engine.begin(context.Background())
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	written := false
	for _, m := range group {
		if !m.mayRun() {
			continue
		}
		if savepoints {
			err = c.protected(tx, m)
		} else if m.run(c.db, tx, len(group) == 1); m.err != nil && len(group) > 1 {
			err = errSpoilt
		}
		if lost := m.trouble(); c.db.engine.collided(lost) {
			err = errors.Join(errLost, lost)
		}
		if err != nil {
			return err
		}
		written = written || m.err == nil
	}
	if !written {
		return nil
	}
	after, err := c.writeLate(tx, group)
	if err == nil {
		err = c.db.engine.commit(tx)
	} else if c.db.engine.collided(err) {
		err = errors.Join(errLost, err)
	}
	if err == nil {
		c.watch.record.succeeded()
		for _, f := range after {
			f()
		}
	}
	return err
}

// protected runs one member behind a savepoint: nothing of it is left if it fails.
func (c *committer) protected(tx *sql.Tx, m *member) error {
	if err := command(tx, "SAVEPOINT unit_of_work"); err != nil {
		return err
	}
	m.run(c.db, tx, false)
	if m.err != nil {
		if err := command(tx, "ROLLBACK TO SAVEPOINT unit_of_work"); err != nil {
			return err
		}
	}
	return command(tx, "RELEASE SAVEPOINT unit_of_work")
}

// errSpoilt says that a member failed and left its traces in everybody's transaction.
var errSpoilt = errors.New("a member failed")

// errLost says that the engine has rolled back more than it was told to.
var errLost = errors.New("transaction lost")

// errUnwritten says that something could not be written that members of a group had left to be written.
var errUnwritten = errors.New("a batch failed")

// command runs a statement that fails only if the transaction is not what it should be.
func command(tx *sql.Tx, statement string) error {
	if _, err := tx.Exec(statement); err != nil {
		return errors.Join(errLost, err)
	}
	return nil
}

// finish tells everybody of the group what became of it. An error of the whole group comes before the
// members' own: those may rest on what others wrote and have lost.
func (c *committer) finish(group []*member, err error) {
	for _, m := range group {
		own := m.err
		if err != nil && (m.unit != nil || own == nil) {
			own = err
		}
		told := c.db.engine.explain(own)
		c.watch.record.heard(m, told)
		m.steps <- step{err: told}
	}
}
