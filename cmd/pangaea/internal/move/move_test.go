package move_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/move"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// attic is a module that keeps whatever is hard to carry. A thing refers to a "group", and is numbered.
var attic = fstest.MapFS{
	"sqlite/0001_attic.up.sql": {Data: []byte(`
		CREATE TABLE "group" (name TEXT NOT NULL PRIMARY KEY) STRICT;
		CREATE TABLE things (
			id INTEGER PRIMARY KEY AUTOINCREMENT, "select" TEXT NOT NULL REFERENCES "group" (name),
			note TEXT, content BLOB, amount INTEGER, fragile INTEGER NOT NULL CHECK (fragile IN (false, true)), letters TEXT
		) STRICT;
		CREATE TABLE shelves (room TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (room, number)) STRICT, WITHOUT ROWID;`)},
	"postgres/0001_attic.up.sql": {Data: []byte(`
		CREATE TABLE "group" (name text COLLATE "C" NOT NULL PRIMARY KEY);
		CREATE TABLE things (
			id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "select" text COLLATE "C" NOT NULL REFERENCES "group" (name),
			note text COLLATE "C", content bytea, amount bigint, fragile boolean NOT NULL, letters text COLLATE "C"
		);
		CREATE TABLE shelves (room text COLLATE "C" NOT NULL, number bigint NOT NULL, PRIMARY KEY (room, number));`)},
	"mysql/0001_attic.up.sql": {Data: []byte("CREATE TABLE IF NOT EXISTS `group` (name VARCHAR(64) NOT NULL PRIMARY KEY) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;" +
		"CREATE TABLE IF NOT EXISTS things (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, `select` VARCHAR(64) NOT NULL, note LONGTEXT, content LONGBLOB, amount BIGINT, " +
		"fragile BOOLEAN NOT NULL, letters VARBINARY(400), FOREIGN KEY (`select`) REFERENCES `group` (name)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;" +
		"CREATE TABLE IF NOT EXISTS shelves (room VARCHAR(64) NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (room, number)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;")},
}

type thing struct {
	ID      int64   `gorm:"column:id;primaryKey;autoIncrement"`
	Select  string  `gorm:"column:select"`
	Note    *string `gorm:"column:note"`
	Content []byte  `gorm:"column:content"`
	Amount  *int64  `gorm:"column:amount"`
	Fragile bool    `gorm:"column:fragile"`
	Letters *string `gorm:"column:letters"`
	Empty   bool    `gorm:"column:empty;->;-:migration"` // whether Content is NULL
}

func (thing) TableName() string { return "things" }

func to[T any](value T) *T { return &value }

// nasty is one thing for each way in which a value may be changed on the way.
func nasty() (things []thing) {
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	for _, note := range []string{
		"", "NULL", "Bob", "bob", "bob ", " bob", "\t\n\r", "\x01\x1f\x7f", `'"\%_` + "`", "\\0\\n", "\u00e9", "e\u0301", "🦕 𝔓", "\ufeffmark", "\u2028", "\uffff",
		`{"b":1,"a":2,"a":3,"n":12345678901234567890.10}`, strings.Repeat("x", 1<<20),
	} {
		things = append(things, thing{Note: to(note)})
	}
	for _, amount := range []int64{0, -1, 1<<53 + 1, 1<<63 - 1, -1 << 63} {
		things = append(things, thing{Amount: to(amount), Fragile: amount > 0})
	}
	things = append(things, thing{}, thing{Content: []byte{}}, thing{Content: everyByte}, thing{Letters: to("")}, thing{Letters: to("ends in a space ")})
	for i := range things {
		things[i].Select = []string{"Bob", "bob", "böb"}[i%3]
	}
	return things
}

// A home is a place for the attic.
type home func(t *testing.T) database.Options

// homes are those that can be tried, by their dialects.
func homes(t *testing.T) map[database.Dialect]home {
	list := map[database.Dialect]home{database.SQLite: func(t *testing.T) database.Options {
		return database.Options{Dir: filepath.Join(t.TempDir(), "data"), Migrations: attic}
	}}
	for _, kind := range databasetest.Servers(t) {
		list[kind] = func(t *testing.T) database.Options {
			place, err := databasetest.Apart(t, kind)("attic")
			require.NoError(t, err)
			place.Migrations = attic
			return place
		}
	}
	return list
}

// in opens the attic, lets do look into it, and closes it.
func in(t *testing.T, place database.Options, do func(tx *gorm.DB) error) {
	t.Helper()
	db, err := database.Open(t.Context(), "attic", place)
	require.NoError(t, err)
	require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error { return do(tx) }))
	require.NoError(t, db.Close())
}

// furnish fills an attic. The last things that came in were thrown away again.
func furnish(t *testing.T, place database.Options, things ...thing) {
	t.Helper()
	in(t, place, func(tx *gorm.DB) error {
		for _, name := range []string{"Bob", "bob", "böb"} {
			if err := tx.Table("group").Create(map[string]any{"name": name}).Error; err != nil {
				return err
			}
		}
		shelves := make([]map[string]any, 1200)
		for n := range shelves {
			shelves[n] = map[string]any{"room": fmt.Sprint(n % 7), "number": n}
		}
		if err := tx.Table("shelves").Create(shelves).Error; err != nil {
			return err
		}
		for _, one := range things {
			if err := tx.Create(&one).Error; err != nil {
				return err
			}
		}
		gone := []thing{{Select: "bob"}, {Select: "bob"}}
		if err := tx.Create(&gone).Error; err != nil {
			return err
		}
		return tx.Delete(&gone).Error
	})
}

func all(t *testing.T, place database.Options) (things []thing) {
	t.Helper()
	in(t, place, func(tx *gorm.DB) error {
		return tx.Order("id").Select("*, content IS NULL AS empty").Find(&things).Error
	})
	for i := range things {
		things[i].Content = slices.Clip(append([]byte{}, things[i].Content...)) // nil or not is the driver's whim
	}
	return things
}

const (
	patience = 30 * time.Second
	tick     = 20 * time.Millisecond
)

func silent(string, int, int) {}

// moves expects a move to succeed.
func moves(t *testing.T, from, to database.Options, replace bool) move.Report {
	t.Helper()
	report, err := move.Run(t.Context(), move.Wish{Module: "attic", From: from, To: to, Replace: replace}, silent)
	require.NoError(t, err)
	require.True(t, report.Moved)
	return report
}

// hasLeft expects that nobody can open a place any more.
func hasLeft(t *testing.T, from, to database.Options) {
	t.Helper()
	where, err := to.Where("attic")
	require.NoError(t, err)
	for _, open := range []func(context.Context, string, database.Options) (*database.DB, error){database.Open, database.OpenReadOnly, database.Attach} {
		_, err := open(t.Context(), "attic", from)
		var fenced *database.Fenced
		require.ErrorAs(t, err, &fenced)
		require.Equal(t, database.Released, fenced.State)
		require.Equal(t, where, fenced.Place)
		require.ErrorContains(t, err, "attic has moved from here to "+where)
	}
}

func TestEverythingArrivesWhereverItGoes(t *testing.T) {
	t.Parallel()
	there := homes(t)
	for _, from := range slices.Sorted(maps.Keys(there)) {
		for _, into := range slices.Sorted(maps.Keys(there)) {
			t.Run(string(from+" to "+into), func(t *testing.T) {
				t.Parallel()
				source, target := there[from](t), there[into](t)
				furnish(t, source, nasty()...)
				before := all(t, source)
				require.Len(t, before, len(nasty()))

				report := moves(t, source, target, false)

				hasLeft(t, source, target)
				arrived := all(t, target)
				for i := range before {
					require.Equal(t, before[i], arrived[i])
				}
				require.Len(t, arrived, len(before))
				require.Contains(t, report.Tables, move.Table{Name: "shelves", Rows: 1200, Digest: digestOf(report, "shelves")})

				next := thing{Select: "bob"}
				in(t, target, func(tx *gorm.DB) error { return tx.Create(&next).Error })
				require.EqualValues(t, len(before)+3, next.ID, "two ids were given out before")

				// And back home again, over the old copy.
				_, err := move.Run(t.Context(), move.Wish{Module: "attic", From: target, To: source}, silent)
				require.ErrorContains(t, err, "--replace-old-copy")
				moves(t, target, source, true)
				hasLeft(t, target, source)
				require.Equal(t, len(before)+1, len(all(t, source)))
			})
		}
	}
}

// While somebody moves a database nobody else does, also not after waiting a little for somebody who has just left.
func TestOneMovesAtATime(t *testing.T) {
	t.Parallel()
	there := homes(t)
	for _, kind := range databasetest.Servers(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			source := there[kind](t)
			furnish(t, source, nasty()...)
			wish := func() move.Wish { return move.Wish{Module: "attic", From: source, To: there[database.SQLite](t)} }
			second := sync.OnceValue(func() error {
				_, err := move.Run(t.Context(), wish(), silent)
				return err
			})
			report, err := move.Run(t.Context(), wish(), func(string, int, int) { _ = second() })
			require.NoError(t, err)
			require.True(t, report.Moved)
			require.ErrorContains(t, second(), "somebody else is moving it")
		})
	}
}

func digestOf(r move.Report, table string) string {
	i := slices.IndexFunc(r.Tables, func(t move.Table) bool { return t.Name == table })
	return r.Tables[i].Digest
}

// The digest of a table depends on its rows, and on nothing else.
func TestTheSameRowsHaveTheSameDigestInEveryDialect(t *testing.T) {
	t.Parallel()
	digests := map[string]bool{}
	for _, home := range homes(t) {
		source := home(t)
		furnish(t, source, nasty()...)
		report, err := move.Run(t.Context(), move.Wish{Module: "attic", From: source, To: homes(t)[database.SQLite](t), DryRun: true}, silent)
		require.NoError(t, err)
		require.False(t, report.Moved)
		require.Positive(t, report.Seconds)
		digests[digestOf(report, "things")] = true
		require.Len(t, all(t, source), len(nasty()), "a dry run changes nothing")
	}
	require.Len(t, digests, 1)
}

func TestWhatATargetCannotHoldIsNamedBeforeAnythingIsTouched(t *testing.T) {
	t.Parallel()
	there := homes(t)
	for _, c := range []struct {
		into database.Dialect
		thing
		why string
	}{
		{database.Postgres, thing{Select: "bob", Note: to("a\x00b")}, `the row of things with id = 1 cannot be moved: its note has a U+0000, which PostgreSQL does not take`},
		{database.Postgres, thing{Select: "bob", Note: to("\xff")}, `the row of things with id = 1 cannot be moved: its note is no UTF-8`},
		{database.MySQL, thing{Select: "bob", Letters: to("\xc3\x28")}, `the row of things with id = 1 cannot be moved: its letters is no UTF-8`},
	} {
		if there[c.into] == nil {
			continue // said already
		}
		source, target := there[database.SQLite](t), there[c.into](t)
		furnish(t, source, c.thing)
		_, err := move.Run(t.Context(), move.Wish{Module: "attic", From: source, To: target}, silent)
		require.ErrorContains(t, err, c.why)
		require.False(t, isHalfway(err))
		require.Len(t, all(t, source), 1)
		require.Empty(t, all(t, target))
	}
}

// What only the server finds out is named as well, and the next attempt begins anew.
func TestWhatATargetDoesNotTakeIsNamed(t *testing.T) {
	t.Parallel()
	there := homes(t)
	if there[database.MySQL] == nil {
		return // said already
	}
	source, target := there[database.SQLite](t), there[database.MySQL](t)
	furnish(t, source, thing{Select: "bob", Letters: to(strings.Repeat("x", 401))})
	_, err := move.Run(t.Context(), move.Wish{Module: "attic", From: source, To: target}, silent)
	require.ErrorContains(t, err, "the row of things with id = 1 cannot be moved: Error 1406")
	require.True(t, isHalfway(err))
	_, err = database.Open(t.Context(), "attic", target)
	require.ErrorContains(t, err, "was not finished: run pangaea move again")

	in(t, source, func(tx *gorm.DB) error { return tx.Delete(&thing{ID: 1}).Error })
	moves(t, source, target, false)
	require.Empty(t, all(t, target))
}

func isHalfway(err error) bool {
	_, halfway := err.(move.Halfway) //nolint:errorlint // Run returns it as it is
	return halfway
}

func TestWhatCannotBeMoved(t *testing.T) {
	t.Parallel()
	there := homes(t)
	source, empty := there[database.SQLite](t), there[database.SQLite](t)
	furnish(t, source, nasty()...)
	refused := func(from, into database.Options, why string) {
		t.Helper()
		_, err := move.Run(t.Context(), move.Wish{Module: "attic", From: from, To: into}, silent)
		require.ErrorContains(t, err, why)
		require.False(t, isHalfway(err))
		require.Len(t, all(t, source), len(nasty()))
	}

	refused(source, source, "give another place")
	refused(empty, there[database.SQLite](t), "there is no file")
	require.NoDirExists(t, empty.Dir)

	db, err := database.Open(t.Context(), "attic", empty) // an empty one may be there
	require.NoError(t, err)
	require.NoError(t, db.Close())
	folder, err := database.LockDir(source.Dir)
	require.NoError(t, err)
	refused(source, empty, "in use by another process")
	require.NoError(t, folder.Close())

	other := there[database.SQLite](t)
	furnish(t, other, nasty()...)
	refused(source, other, "is not empty: group has 3 rows")

	newer := maps.Clone(attic)
	newer["sqlite/0002_more.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE more (id TEXT NOT NULL PRIMARY KEY) STRICT")}
	young := database.Options{Dir: source.Dir, Migrations: newer}
	refused(young, empty, "migrate it first")
	young.Dir = filepath.Join(t.TempDir(), "young")
	in(t, young, func(*gorm.DB) error { return nil })
	refused(source, database.Options{Dir: young.Dir, Migrations: attic}, "start the newer program")

	strange := there[database.SQLite](t)
	in(t, strange, func(tx *gorm.DB) error { return tx.Exec("CREATE TABLE strange (id TEXT NOT NULL PRIMARY KEY)").Error })
	refused(source, strange, "has a table strange, which is not one of attic")
	for schema, why := range map[string]string{
		"CREATE TABLE bad (id TEXT NOT NULL PRIMARY KEY, at TIMESTAMP)":                    "bad.at is of the type TIMESTAMP, which cannot be moved",
		"CREATE TABLE bad (id TEXT)":                                                       "the table bad has no primary key",
		"CREATE TABLE bad (id TEXT NOT NULL PRIMARY KEY, parent TEXT REFERENCES bad (id))": "the rows of bad refer to each other in a circle",
	} {
		bad := there[database.SQLite](t)
		in(t, bad, func(tx *gorm.DB) error { return tx.Exec(schema).Error })
		refused(bad, there[database.SQLite](t), why)
	}
	alien := there[database.SQLite](t)
	in(t, alien, func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE loose (id TEXT NOT NULL PRIMARY KEY, n INTEGER); INSERT INTO loose VALUES ('a', 'many')").Error
	})
	refused(alien, empty, `the row of loose with id = "a": its n is of another type than the column`)
	require.NoError(t, os.Chmod(source.Dir, 0o700)) // it is as it was
}

// Two processes cannot have a module: one that runs does not move, and one does not move to where it runs.
func TestAModuleThatRunsIsNotMoved(t *testing.T) {
	t.Parallel()
	for kind, home := range homes(t) {
		if kind == database.SQLite {
			continue // its folder is locked
		}
		source, target := home(t), home(t)
		furnish(t, source, nasty()[0])
		running, err := database.Open(t.Context(), "attic", source)
		require.NoError(t, err)
		running.Owned("tasks", func() {})
		require.Eventually(t, func() bool {
			_, err = move.Run(t.Context(), move.Wish{Module: "attic", From: source, To: target, DryRun: true}, silent)
			return err != nil
		}, patience, tick)
		require.ErrorContains(t, err, "attic is running on ")
		_, err = move.Run(t.Context(), move.Wish{Module: "attic", From: homes(t)[database.SQLite](t), To: source}, silent)
		require.ErrorContains(t, err, "attic is running on ")
		require.NoError(t, running.Close())
		moves(t, source, target, false)
	}
}

// What a process has open that slept through the move.
func TestWhoSleptThroughTheMoveNoticesIt(t *testing.T) {
	t.Parallel()
	for kind, home := range homes(t) {
		if kind == database.SQLite {
			continue // its folder is locked
		}
		source, target := home(t), home(t)
		furnish(t, source, nasty()[0])
		sleeper, err := database.Open(t.Context(), "attic", source)
		require.NoError(t, err)
		moves(t, source, target, false)

		sleeper.Owned("tasks", func() {}) // it wakes up
		writes := func() error {
			return sleeper.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Create(&thing{Select: "bob"}).Error })
		}
		if kind == database.Postgres {
			require.ErrorContains(t, writes(), "the module has moved from here")
		}
		require.Eventually(t, func() bool {
			err = writes()
			return err != nil && strings.Contains(err.Error(), "attic has moved from here to")
		}, patience, tick, "%v", err)
		require.NoError(t, sleeper.Close())
	}
}

// beside runs a statement on a place that a move has open, for at most limit, and returns what came of it.
func beside(t *testing.T, place database.Options, limit time.Duration, statement string) error {
	kind, err := place.Dialect()
	require.NoError(t, err)
	var db *sql.DB
	if kind == database.SQLite {
		db, err = sql.Open("sqlite", filepath.Join(place.Dir, "attic.db"))
		require.NoError(t, err)
	} else {
		db = databasetest.Connect(t, kind, place.URL)
	}
	defer func() { require.NoError(t, db.Close()) }()
	if kind == database.MySQL {
		statement = strings.ReplaceAll(statement, "things", pathOf(t, place.URL)+".things")
	} else {
		statement = strings.ReplaceAll(strings.ReplaceAll(statement, "`", `"`), "things", map[bool]string{true: "attic.things", false: "things"}[kind == database.Postgres])
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	return err
}

func pathOf(t *testing.T, address string) string {
	u, err := url.Parse(address)
	require.NoError(t, err)
	return strings.Trim(u.Path, "/")
}

func TestNobodyWritesToWhatIsBeingMoved(t *testing.T) {
	t.Parallel()
	there := homes(t)
	for _, home := range there {
		source, tried := home(t), 0
		furnish(t, source, nasty()[0])
		_, err := move.Run(t.Context(), move.Wish{Module: "attic", From: source, To: there[database.SQLite](t)}, func(step string, done, _ int) {
			if step == "comparing" && done == 0 {
				tried++
				require.Error(t, beside(t, source, 300*time.Millisecond, "INSERT INTO things (`select`, fragile) VALUES ('bob', false)"))
				require.Error(t, beside(t, source, 300*time.Millisecond, "UPDATE things SET amount = 7"))
			}
		})
		require.NoError(t, err)
		require.Equal(t, 1, tried)
	}
}

func TestWhatArrivesChangedDoesNotMove(t *testing.T) {
	t.Parallel()
	there := homes(t)
	for _, home := range there {
		source, target := there[database.SQLite](t), home(t)
		furnish(t, source, nasty()[0])
		_, err := move.Run(t.Context(), move.Wish{Module: "attic", From: source, To: target}, func(step string, done, _ int) {
			if step == "comparing" && done == 0 {
				require.NoError(t, beside(t, target, patience, "UPDATE things SET amount = 7"))
			}
		})
		require.ErrorContains(t, err, "things has 1 rows with the digest ")
		require.True(t, isHalfway(err))
		require.Len(t, all(t, source), 1)
		moves(t, source, target, false)
	}
}

// An interruption leaves what a kill leaves.
func TestAMoveIsInterrupted(t *testing.T) {
	t.Parallel()
	there := homes(t)
	for _, home := range there {
		source, target := there[database.SQLite](t), home(t)
		furnish(t, source, nasty()[0])
		for _, at := range []string{"reading", "preparing", "copying", "comparing"} {
			ctx, interrupt := context.WithCancel(t.Context())
			_, err := move.Run(ctx, move.Wish{Module: "attic", From: source, To: target}, func(step string, _, _ int) {
				if step == at {
					interrupt()
				}
			})
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, at != "reading", isHalfway(err))
			require.Len(t, all(t, source), 1)
		}
		moves(t, source, target, false)
	}
}
