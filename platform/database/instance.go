package database

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// On a server several processes may have the same database open: instances. A row that is to be worked on
// belongs to the instance that wrote it, whose name is in its column owner, so that nobody has to claim
// what nobody else wants. Every instance that works on such rows keeps one of its own alive, by the server's
// clock; whoever of them finds that another's has lapsed takes over what it has left.
//
// An instance that was only slow comes back under its name and does what it has in memory: that is then
// done twice, and whatever an owner does has to bear it.
const (
	beat  = time.Second
	lease = 3 * time.Second
	sweep = 10 // beats after which rows are looked for whose owner nobody knows

	// bite is how many rows of a table are taken over with one commit: a server holds a lock for each. MariaDB ended
	// when half a million were taken at once.
	bite = 4096
)

// instances keeps this process's row alive. Where nobody else can have the database open there is none.
type instances struct {
	db   *DB
	own  string
	in   grammar
	quit chan struct{}
	done sync.WaitGroup

	mu    sync.Mutex
	owned []owned
	begun sync.Once
}

type owned struct {
	table string
	taken func()
}

type instanceRow struct {
	ID         string `gorm:"column:id;primaryKey"`
	AliveUntil int64  `gorm:"column:alive_until"`
}

func (instanceRow) TableName() string { return "instances" }

// Instance is who we are among those that have the database open: what goes into a row's owner. It is
// empty where nobody else can have it open.
func (db *DB) Instance() string {
	if db.instances == nil {
		return ""
	}
	return db.instances.own
}

// Owned says that the rows of a table, which has a column owner, are worked on by their owners, and that we
// work on ours from now on. Those of an instance that is gone become ours, and taken is called. Who works on
// nothing, such as an operator's command, leaves them to others, and others leave nothing to it.
func (db *DB) Owned(table string, taken func()) {
	i := db.instances
	if i == nil {
		db.adopt(table)
		return
	}
	i.mu.Lock()
	i.owned = append(i.owned, owned{table, taken})
	i.mu.Unlock()
	i.begun.Do(i.begin)
}

// adopt makes ours, in an embedded file, the rows that came with instances of a server that the module was on before.
func (db *DB) adopt(table string) {
	ctx, orphans := context.Background(), int64(0)
	err := db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Table(table).Where("owner <> ''").Count(&orphans).Error
	})
	if err == nil && orphans > 0 {
		err = db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Table(table).Where("owner <> ''").Update("owner", "").Error
		})
	}
	if err != nil {
		slog.WarnContext(ctx, "what was left on a server cannot be taken over", "module", db.name, "table", table, "error", err)
	}
}

func (i *instances) tables() []owned {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.owned)
}

// newInstances makes this process an instance.
func newInstances(db *DB, in grammar) *instances {
	return &instances{db: db, own: uuid.Must(uuid.NewV7()).String(), in: in, quit: make(chan struct{})}
}

// leave gives what is ours to whoever comes first.
func (i *instances) leave() {
	close(i.quit)
	i.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), beat)
	defer cancel()
	err := i.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&instanceRow{ID: i.own}).Update("alive_until", 0).Error
	})
	if err != nil { // it lapses by itself
		slog.WarnContext(ctx, "the database was left without a word", "module", i.db.name, "error", err)
	}
}

// begin keeps us alive and, beside that, takes over what others have left: who waits there for a row that
// somebody holds must not look dead meanwhile.
func (i *instances) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	i.done.Go(func() { <-i.quit; cancel() })
	i.done.Go(func() {
		i.atEachBeat(ctx, "nobody can see that this process is alive", func(int) error { return i.live(ctx) })
	})
	i.done.Go(func() {
		swept := 0
		i.atEachBeat(ctx, "what a process has left that is gone cannot be taken over", func(n int) error {
			all := i.tables()
			if n%sweep > 0 && len(all) == swept { // who is gone may have been forgotten before we owned another table
				return i.takeOver(ctx, all)
			}
			swept = len(all)
			return errors.Join(i.takeOver(ctx, all), i.takeStrays(ctx, all))
		})
	})
}

// atEachBeat calls do, and complains where it fails, until ctx ends.
func (i *instances) atEachBeat(ctx context.Context, complaint string, do func(n int) error) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for n := 0; ; n++ {
		if err := do(n); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, complaint, "module", i.db.Name(), "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// live says that we are alive. Who slept while the module moved away finds that out here.
func (i *instances) live(ctx context.Context) error {
	return i.write(ctx, func(tx *gorm.DB) error {
		if err := unfenced(ctx, tx.Statement.ConnPool, i.db.name); err != nil {
			if f := (*Fenced)(nil); errors.As(err, &f) {
				i.db.fence.Store(f)
			}
			return err
		}
		until := gorm.Expr(i.in.now()+" + ?", lease.Microseconds())
		return tx.Model(&instanceRow{}).Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "id"}},
			DoUpdates: clause.Assignments(map[string]any{"alive_until": until}),
		}).Create(map[string]any{"id": i.own, "alive_until": until}).Error
	})
}

// takeOver makes ours what instances own that are gone. Several that find one gone may share it.
func (i *instances) takeOver(ctx context.Context, all []owned) error {
	gone := func(tx *gorm.DB) (ids []string, err error) {
		err = tx.Model(&instanceRow{}).Where("id <> ? AND alive_until < "+i.in.now(), i.own).Pluck("id", &ids).Error
		return ids, err
	}
	var ids []string
	err := i.db.engine.query(func(reading *sql.DB) (err error) { ids, err = gone(i.db.session(ctx, reading)); return err })
	if err != nil || len(ids) == 0 {
		return i.db.engine.explain(err)
	}
	return i.takeAll(ctx, all, func(tx *gorm.DB) ([]string, error) {
		return gone(tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}))
	})
}

// takeStrays makes ours the rows of owners that nobody knows: of one that was thought gone and then was.
func (i *instances) takeStrays(ctx context.Context, all []owned) error {
	for _, o := range all {
		err := i.takeAll(ctx, []owned{o}, func(tx *gorm.DB) (strays []string, err error) {
			known := tx.Session(&gorm.Session{NewDB: true}).Model(&instanceRow{}).Select("id")
			err = tx.Table(o.table).Where("owner <> ? AND owner NOT IN (?)", i.own, known).Distinct().Pluck("owner", &strays).Error
			return strays, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// takeAll makes ours, bite by bite, what instances own, and forgets them when they own nothing.
func (i *instances) takeAll(ctx context.Context, all []owned, of func(tx *gorm.DB) (ids []string, err error)) error {
	for more := true; more; {
		var taken []owned
		err := i.write(ctx, func(tx *gorm.DB) error {
			ids, err := of(tx)
			if more = false; err != nil || len(ids) == 0 {
				return err
			}
			if taken, err = i.take(tx, all, ids); err != nil {
				return err
			}
			if more = len(taken) > 0; more {
				return nil
			}
			return tx.Where("id IN ?", ids).Delete(&instanceRow{}).Error
		})
		if err != nil {
			return err
		}
		for _, o := range taken {
			o.taken()
		}
	}
	return nil
}

// take makes ours a bite of each table, and returns the tables that had one.
func (i *instances) take(tx *gorm.DB, all []owned, ids []string) (taken []owned, err error) {
	for _, o := range all {
		r := i.in.some(tx.Table(o.table), bite, "owner IN ?", ids).Update("owner", i.own)
		if r.Error != nil {
			return nil, r.Error
		}
		if r.RowsAffected > 0 {
			slog.Info("taking over from a process that is gone", "module", i.db.name, "table", o.table, "rows", r.RowsAffected)
			taken = append(taken, o)
		}
	}
	return taken, nil
}

// write changes rows beside the units of work, so that a long one keeps nobody from being seen.
func (i *instances) write(ctx context.Context, change func(tx *gorm.DB) error) error {
	tx, err := i.db.engine.reader().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return i.db.engine.explain(err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := change(i.db.session(ctx, tx)); err != nil {
		return i.db.engine.explain(err)
	}
	return i.db.engine.explain(tx.Commit())
}
