package database_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// onServer runs a story that only a database server can tell, where the tests run on one.
func onServer(t *testing.T, story func(t *testing.T, places database.Places)) {
	if databasetest.Dialect() != database.SQLite {
		t.Parallel() // most of them wait
		story(t, databasetest.Places(t))
	}
}

// instance opens the diary once more.
func instance(t *testing.T, places database.Places) *database.DB {
	db := databasetest.Reopen(t, places, "diary", databasetest.Migrations(
		"CREATE TABLE IF NOT EXISTS notes (id VARCHAR(64) NOT NULL PRIMARY KEY, text TEXT NOT NULL, owner VARCHAR(64) NOT NULL DEFAULT '')"))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestAVersionThatCannotBeNotedLeavesTheOneBefore(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		place, err := places("diary")
		require.NoError(t, err)
		table := "schema_migrations"
		if databasetest.Dialect() == database.MySQL {
			table = place.URL[strings.LastIndex(place.URL, "/")+1:] + ".schema_migrations"
		}

		first := "ALTER TABLE schema_migrations ADD CHECK (version < 2 OR dirty)"
		require.NoError(t, databasetest.Reopen(t, places, "diary", databasetest.Migrations(first)).Close())

		place.Migrations = databasetest.Migrations(first, "CREATE TABLE second (id VARCHAR(64) NOT NULL PRIMARY KEY)")
		_, err = database.Open(t.Context(), "diary", place)
		require.Error(t, err)

		var notes int
		require.NoError(t, databasetest.Connect(t, databasetest.Dialect(), place.URL).QueryRow("SELECT COUNT(*) FROM "+table).Scan(&notes))
		require.Equal(t, 1, notes)
	})
}

func TestADeadlockIsNobodysFault(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		one, other := instance(t, places), instance(t, places)
		require.NoError(t, errors.Join(write(t.Context(), one, "a", ""), write(t.Context(), one, "b", "")))
		var met sync.WaitGroup
		met.Add(2)
		locks := func(db *database.DB, first, second string) error {
			meet := sync.OnceFunc(func() { met.Done(); met.Wait() }) // in the first run: later ones are alone
			return db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				locked := tx.Clauses(clause.Locking{Strength: "UPDATE"})
				if err := locked.Session(&gorm.Session{}).Take(&note{}, "id = ?", first).Error; err != nil {
					return err
				}
				meet()
				if err := locked.Session(&gorm.Session{}).Take(&note{}, "id = ?", second).Error; err != nil {
					return err
				}
				return tx.Model(&note{}).Where("id IN ?", []string{"a", "b"}).Update("text", gorm.Expr("CONCAT(text, 'x')")).Error
			})
		}
		var both sync.WaitGroup
		var failed [2]error
		both.Go(func() { failed[0] = locks(one, "a", "b") })
		both.Go(func() { failed[1] = locks(other, "b", "a") })
		both.Wait()
		require.NoError(t, errors.Join(failed[:]...))
		require.Positive(t, measured(t, one, "pangaea_database_reruns_total")+measured(t, other, "pangaea_database_reruns_total"))
		var text string
		require.NoError(t, one.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Model(&note{}).Where("id = ?", "a").Pluck("text", &text).Error
		}))
		require.Equal(t, "xx", text, "each has written once")
	})
}

func TestAConnectionThatIsLost(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		cut := &cutter{}
		db := instance(t, cut.before(t, places))

		t.Run("in the middle: nothing was done", func(t *testing.T) {
			err := db.Do(t.Context(), func(ctx context.Context, tx *gorm.DB) error {
				require.NoError(t, write(ctx, db, "middle", ""))
				cut.all()
				return tx.Take(&note{}).Error
			})
			require.True(t, fault.Is(err, fault.Unavailable), "%v", err)
			require.Empty(t, read(t, db), "and the next one gets another connection")
		})

		t.Run("in a query: it is asked again", func(t *testing.T) {
			asked := 0
			require.NoError(t, db.Query(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				if asked++; asked == 1 {
					return driver.ErrBadConn
				}
				return tx.Find(&[]note{}).Error
			}))
			require.Equal(t, 2, asked)
			cut.all()
			require.NoError(t, db.Query(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Find(&[]note{}).Error }))
		})

		t.Run("but not where somebody stopped the query", func(t *testing.T) {
			asked := 0
			require.Error(t, db.Query(t.Context(), func(context.Context, *gorm.DB) error {
				asked++
				return &pgconn.PgError{Code: pgerrcode.QueryCanceled}
			}))
			require.Equal(t, 1, asked)
		})

		t.Run("before a member's turn: it runs again, with the others", func(t *testing.T) {
			failing := thenFails(t, "failing", func(*gorm.DB) error { return errors.New("mine") })
			next := writer(t, "next")
			next.Ctx = asked{t.Context(), sync.OnceFunc(cut.all)}

			database.Together(db, failing, next)

			require.ErrorContains(t, failing.Err, "mine")
			require.NoError(t, next.Err)
			require.Equal(t, []string{"next"}, read(t, db))
		})

		for name, told := range map[string]bool{"before": false, "after": true} {
			t.Run(name+" the server got the commit: nobody knows", func(t *testing.T) {
				cut.commits.Store(true)
				cut.forward.Store(told)
				err := write(t.Context(), db, name, "")
				cut.commits.Store(false)
				require.True(t, fault.Is(err, fault.Unknown), "%v", err)
			})
		}
		require.Eventually(t, func() bool { return len(read(t, db)) == 2 }, 30*time.Second, 10*time.Millisecond)
		require.Equal(t, []string{"after", "next"}, read(t, db))
	})
}

// asked is a context that notices when somebody asks whether it has ended, which it has not.
type asked struct {
	context.Context
	notice func()
}

func (a asked) Err() error { a.notice(); return nil }

func TestAServerThatIsAway(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		cut := &cutter{}
		db := instance(t, cut.before(t, places))
		cut.away.Store(true)
		cut.all()
		for range 3 {
			require.True(t, fault.Is(write(t.Context(), db, "never", ""), fault.Unavailable))
		}
		cut.away.Store(false)
		require.Eventually(t, func() bool { return write(t.Context(), db, "again", "") == nil }, 30*time.Second, 10*time.Millisecond)
		require.Equal(t, []string{"again"}, read(t, db))
	})
}

func TestTheRowsOfAProcessThatIsGoneAreTakenOver(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		gone, heir := instance(t, places), instance(t, places)
		var told atomic.Int32
		for _, db := range []*database.DB{gone, heir} {
			db.Owned("notes", func() { told.Add(1) })
		}
		require.NotEqual(t, gone.Instance(), heir.Instance())
		leave := func(id string) {
			require.NoError(t, gone.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				return tx.Table("notes").Create(map[string]any{"id": id, "text": "", "owner": gone.Instance()}).Error
			}))
		}
		owner := func(id string) (name string) {
			require.NoError(t, heir.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				return tx.Table("notes").Where("id = ?", id).Pluck("owner", &name).Error
			}))
			return name
		}
		leave("first")
		database.Abandon(gone)
		began := time.Now()
		require.Eventually(t, func() bool { return owner("first") == heir.Instance() }, 30*time.Second, 10*time.Millisecond)
		require.Less(t, time.Since(began), 20*time.Second)
		require.Eventually(t, func() bool { return told.Load() == 1 }, 10*time.Second, time.Millisecond, "when it is committed")

		leave("stray") // it was only slow, and is gone before it has said so
		require.Eventually(t, func() bool { return owner("stray") == heir.Instance() }, 30*time.Second, 10*time.Millisecond)
	})
}

func TestMuchIsTakenOverBiteByBite(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		gone, heir := instance(t, places), instance(t, places)
		var told atomic.Int32
		for _, db := range []*database.DB{gone, heir} {
			db.Owned("notes", func() { told.Add(1) })
		}
		const rows = 10_000
		require.NoError(t, gone.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			list := make([]map[string]any, rows)
			for n := range list {
				list[n] = map[string]any{"id": strconv.Itoa(n), "text": "", "owner": gone.Instance()}
			}
			return tx.Table("notes").CreateInBatches(list, 1000).Error
		}))
		database.Abandon(gone)
		require.Eventually(t, func() bool {
			var left int64
			require.NoError(t, heir.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				return tx.Table("notes").Where("owner <> ?", heir.Instance()).Count(&left).Error
			}))
			return left == 0
		}, 30*time.Second, 10*time.Millisecond)
		require.Eventually(t, func() bool { return told.Load() == 3 }, 10*time.Second, time.Millisecond, "told %d times", told.Load())
	})
}

func TestWhoWaitsForWhatIsToBeTakenOverStaysAlive(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		gone, heir := instance(t, places), instance(t, places)
		for _, db := range []*database.DB{gone, heir} {
			db.Owned("notes", func() {})
		}
		require.NoError(t, gone.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Table("notes").Create(map[string]any{"id": "held", "text": "", "owner": gone.Instance()}).Error
		}))
		holds, release := make(chan struct{}), make(chan struct{})
		var holding sync.WaitGroup
		holding.Go(func() {
			_ = gone.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
				err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&note{}, "id = ?", "held").Error
				close(holds)
				<-release
				return err
			})
		})
		end := sync.OnceFunc(func() { close(release); holding.Wait() })
		defer end()
		<-holds
		database.Abandon(gone)
		counts := func(table, condition string, args ...any) bool {
			var n int64 // the last question may be asked when the test has ended
			err := heir.Read(context.WithoutCancel(t.Context()), func(_ context.Context, tx *gorm.DB) error {
				return tx.Table(table).Where(condition, args...).Count(&n).Error
			})
			return err == nil && n > 0
		}

		lapsed := func() bool {
			return counts("instances", "id = ? AND alive_until < ?", heir.Instance(), time.Now().UnixMicro())
		}
		require.Never(t, lapsed, 8*time.Second, 50*time.Millisecond, "as long as a lease and the wait for a lock")
		end()

		require.Eventually(t, func() bool { return counts("notes", "owner = ?", heir.Instance()) }, 30*time.Second, 10*time.Millisecond)
	})
}

func TestWhoWasSlowInheritsNothingFromItself(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		db, told := instance(t, places), atomic.Int32{}
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Table("notes").Create(map[string]any{"id": "own", "text": "", "owner": db.Instance()}).Error
		}))
		db.Owned("notes", func() { told.Add(1) })
		inherits := func() bool {
			_ = db.Do(context.WithoutCancel(t.Context()), func(_ context.Context, tx *gorm.DB) error {
				return tx.Table("instances").Where("id = ?", db.Instance()).Update("alive_until", 1).Error
			})
			return told.Load() > 0
		}
		require.Never(t, inherits, 4*time.Second, 10*time.Millisecond)
	})
}

func TestTheHeirIsSomebodyWhoWorks(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		shop := instance(t, places)
		shop.Owned("notes", func() {})
		_, command := instance(t, places), instance(t, places)
		mistaken := func() bool {
			heir, err := command.Heir(context.WithoutCancel(t.Context()))
			return err == nil && heir != shop.Instance()
		}
		require.Eventually(t, func() bool { return !mistaken() }, 30*time.Second, 10*time.Millisecond)
		require.Never(t, mistaken, 3*time.Second, 10*time.Millisecond, "another command is at work as well")
	})
}

// A cutter stands between a process and its database server, and cuts what passes.
type cutter struct {
	away    atomic.Bool // nobody comes through
	commits atomic.Bool // the connection ends with the next commit
	forward atomic.Bool // after the server has got it
	refused atomic.Int32

	mu    sync.Mutex
	conns []net.Conn
}

// before returns places that are reached through the cutter.
func (c *cutter) before(t *testing.T, places database.Places) database.Places {
	return func(module string) (database.Options, error) {
		place, err := places(module)
		require.NoError(t, err)
		u, err := url.Parse(place.URL)
		require.NoError(t, err)
		place.MigrateURL = place.URL
		u.Host = c.listen(t, u.Host)
		place.URL = u.String()
		return place, nil
	}
}

func (c *cutter) listen(t *testing.T, server string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); c.all(); serving.Wait() })
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", server)
			if err != nil || c.away.Load() {
				_ = client.Close()
				c.refused.Add(1)
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, client, upstream)
			c.mu.Unlock()
			serving.Go(func() { c.pass(upstream, client) })
			serving.Go(func() { _, _ = io.Copy(client, upstream); _ = client.Close() })
		}
	})
	return listener.Addr().String()
}

// pass forwards what a client says.
func (c *cutter) pass(upstream, client net.Conn) {
	defer func() { _ = upstream.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		said := strings.ToLower(string(buffer[:n]))
		ends := c.commits.Load() && strings.Contains(said, "commit") && !strings.Contains(said, "committed") // that is an isolation
		forwards := !ends || c.forward.Load()                                                                // before anybody hears of it, and goes on
		if ends {
			_ = client.Close() // the answer reaches nobody
		}
		if !forwards {
			return
		}
		if _, err := upstream.Write(buffer[:n]); err != nil {
			return
		}
		if ends {
			time.AfterFunc(time.Second, func() { _ = upstream.Close() }) // when the server has done it
			_, _ = io.Copy(io.Discard, upstream)
			return
		}
	}
}

// all cuts every connection there is.
func (c *cutter) all() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}
