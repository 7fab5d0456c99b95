package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// crashDir, where it is set, makes this test binary the process that is killed.
const crashDir = "PANGAEA_TEST_CRASH_DIR"

// A process is killed at any moment, again and again. What it said was committed has its effect once,
// in order, and so has what it had no time to say.
func TestKilledAgainAndAgain(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		belfry(t, dir)
		return
	}
	const kills = 12
	dir, heardOf := t.TempDir(), testimony{strokes: map[string]int{}}
	for range kills {
		life(t, dir, func(lines *bufio.Scanner) { heardOf.listen(t, lines, 1+rand.IntN(60)) })
	}
	life(t, dir, func(lines *bufio.Scanner) { heardOf.listen(t, lines, math.MaxInt) })
	require.Positive(t, heardOf.interrupted, "no kill left anything to be delivered")

	town := openDB(t, dir, "town")
	var heard []note
	require.NoError(t, town.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Order("id").Find(&heard).Error }))
	last := map[string]int{}
	for _, n := range heard {
		require.Equal(t, last[n.Bell]+1, n.Strokes, "bell %s", n.Bell)
		last[n.Bell] = n.Strokes
	}
	require.Len(t, heardOf.strokes, bells)
	for bell, done := range heardOf.strokes {
		require.GreaterOrEqual(t, last[bell], done, "bell %s: acknowledged and lost", bell)
	}
	tower := openDB(t, dir, "tower")
	var rung []note
	require.NoError(t, tower.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Find(&rung).Error }))
	for _, n := range rung {
		require.Equal(t, n.Strokes, last[n.Bell], "bell %s: committed and lost", n.Bell)
	}
}

// life is one run of the process, which ends with kill -9.
func life(t *testing.T, dir string, watch func(*bufio.Scanner)) {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	process.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	in, err := process.StdinPipe() // closed with us: an orphan ends itself
	require.NoError(t, err)
	defer in.Close()
	process.Stderr = os.Stderr
	require.NoError(t, process.Start())
	watch(bufio.NewScanner(out))
	require.NoError(t, process.Process.Kill())
	_ = process.Wait()
}

// A testimony is what the process has said.
type testimony struct {
	strokes     map[string]int // committed, by bell
	interrupted int            // deliveries found pending at its starts
}

// listen takes so many lines, or all until everything is done.
func (w *testimony) listen(t *testing.T, lines *bufio.Scanner, n int) {
	t.Helper()
	for n > 0 && lines.Scan() && lines.Text() != "at rest" {
		subject, value, _ := strings.Cut(lines.Text(), "=")
		count, err := strconv.Atoi(value)
		switch {
		case err != nil:
		case subject == "pending":
			w.interrupted += count
		default:
			w.strokes[subject] = max(w.strokes[subject], count)
			n--
		}
	}
	require.NoError(t, lines.Err())
}

const (
	bells   = 8
	strokes = 250
)

// A note is a bell's last stroke, in the tower, or one of them, in the town.
type note struct {
	ID      int64  `gorm:"column:id;primaryKey"`
	Bell    string `gorm:"column:bell"`
	Strokes int    `gorm:"column:strokes"`
}

func (note) TableName() string { return "notes" }

// rung is a stroke of a bell.
type rung struct {
	rang
	Strokes int `json:"strokes"`
}

func openDB(t *testing.T, dir, name string) *database.DB {
	schema := fstest.MapFS{"sqlite/0001_notes.up.sql": {Data: []byte(
		"CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, bell TEXT NOT NULL, strokes INTEGER NOT NULL) STRICT;")}}
	db, err := database.Open(t.Context(), name, database.Options{Dir: dir, Migrations: schema})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// belfry rings every bell until it is killed, or only listens until everything is heard if the bells
// have been rung often enough.
func belfry(t *testing.T, dir string) {
	manifest := outbox.Manifest{rang{}.EventName(): {"town"}}
	tower, town, carrier := openDB(t, dir, "tower"), openDB(t, dir, "town"), bus.NewDirect()
	events := bus.NewEvents("town", carrier, inbox.New(town, inbox.Options{}), manifest)
	require.NoError(t, events.Listen(bus.On(func(ctx context.Context, e *rung) error {
		return town.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&note{Bell: e.Bell, Strokes: e.Strokes}).Error
		})
	})))
	require.NoError(t, events.Start(t.Context()))
	box := outbox.New(tower, manifest)
	fmt.Printf("pending=%d\n", pending(t, box))
	require.NoError(t, outbox.NewRelay(box, carrier, outbox.RelayOptions{}).Start(t.Context()))

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	var ringers sync.WaitGroup
	for n := range bells {
		ringers.Go(func() {
			for done := 0; ctx.Err() == nil && done < strokes; {
				done = ringOnce(t, tower, box, fmt.Sprintf("bell-%d", n))
				fmt.Printf("bell-%d=%d\n", n, done)
			}
		})
	}
	ringers.Wait()
	for ctx.Err() == nil {
		if pending(t, box) == 0 {
			fmt.Println("at rest")
			<-ctx.Done()
		}
	}
	os.Exit(0) // orphaned
}

func pending(t *testing.T, box *outbox.Outbox) (n int64) {
	backlog, err := box.Backlog(t.Context())
	require.NoError(t, err)
	for _, b := range backlog {
		n += b.Pending
	}
	return n
}

// ringOnce commits the next stroke of a bell and returns which it was.
func ringOnce(t *testing.T, tower *database.DB, box *outbox.Outbox, bell string) int {
	var n note
	require.NoError(t, tower.Do(context.Background(), func(ctx context.Context, tx *gorm.DB) error {
		n = note{}
		err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("bell = ?", bell).Limit(1).Find(&n).Error
		if err != nil {
			return err
		}
		n.Bell, n.Strokes = bell, n.Strokes+1
		if err := tx.Save(&n).Error; err != nil {
			return err
		}
		return box.Add(ctx, rung{rang{bell}, n.Strokes})
	}))
	return n.Strokes
}
