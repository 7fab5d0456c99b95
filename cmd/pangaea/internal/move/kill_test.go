package move_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/move"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// victim makes this test binary a process that moves the attic until it is killed.
const victim = "PANGAEA_TEST_VICTIM"

// A fate is what the victim does, and at which step it ends without a word.
type fate struct {
	From, To, FromURL, ToURL string
	Step                     int // 0: somebody else ends it
}

func TestMain(m *testing.M) {
	if text := os.Getenv(victim); text != "" {
		var f fate
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			panic(err)
		}
		f.meet()
	}
	os.Exit(m.Run())
}

// meet moves the attic, and lives to tell only if there are no more steps.
func (f fate) meet() {
	wish := move.Wish{
		Module: "attic", Replace: true,
		From: database.Options{Dir: f.From, URL: f.FromURL, Migrations: attic}, To: database.Options{Dir: f.To, URL: f.ToURL, Migrations: attic},
	}
	_, err := move.Run(context.Background(), wish, func(string, int, int) {
		if f.Step--; f.Step == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// dies has a process move the attic that is killed at a step, or at some moment, and reports whether it was.
func dies(t *testing.T, from, to database.Options, step int) bool {
	t.Helper()
	text, err := json.Marshal(fate{From: from.Dir, To: to.Dir, FromURL: from.URL, ToURL: to.URL, Step: step})
	require.NoError(t, err)
	mover := exec.Command(os.Args[0])
	mover.Env = append(os.Environ(), victim+"="+string(text))
	mover.Stderr = os.Stderr
	require.NoError(t, mover.Start())
	if step == 0 {
		defer time.AfterFunc(time.Duration(rand.IntN(1000))*time.Millisecond, func() { _ = mover.Process.Kill() }).Stop()
	}
	err = mover.Wait()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		require.True(t, ended.Sys().(syscall.WaitStatus).Signaled(), "%v", err)
	}
	return err != nil
}

// A move may be killed anywhere. The attic can then be opened where it was, or nowhere before the move is run again,
// or where it went: never in both places, and never without everything that was in it.
func TestAMoveIsKilledAnywhere(t *testing.T) {
	t.Parallel()
	there := homes(t)
	for kind, home := range there {
		if kind == database.SQLite {
			kind, home = "a folder", there[database.SQLite]
		}
		t.Run("a folder and "+string(kind), func(t *testing.T) {
			t.Parallel()
			from, to := there[database.SQLite](t), home(t)
			furnish(t, from, nasty()[:12]...)
			everything := all(t, from)
			killed := 0
			round := func(step int) bool {
				died := dies(t, from, to, step)
				if died {
					killed++
				}
				if died && !hasArrived(t, from, to, len(everything)) {
					runsAgain(t, from, to)
				}
				require.Equal(t, -1, opens(t, from))
				require.Equal(t, everything, all(t, to))
				from, to = to, from
				return died
			}
			for step := 1; round(step); step++ {
			}
			require.Greater(t, killed, 8, "the move has too few steps: the test proves nothing")
			kills, err := strconv.Atoi(cmp.Or(os.Getenv("PANGAEA_KILLS"), "4"))
			require.NoError(t, err)
			for range kills {
				round(0)
			}
		})
	}
}

// runsAgain finishes a move that was killed. On a server its locks may be there for a moment longer than it.
func runsAgain(t *testing.T, from, to database.Options) {
	t.Helper()
	var err error
	require.Eventually(t, func() bool {
		_, err = move.Run(t.Context(), move.Wish{Module: "attic", From: from, To: to, Replace: true}, silent)
		return err == nil
	}, patience, tick, "%v", &err)
}

// opens is how many things there are in a place, -1 if it cannot be opened.
func opens(t *testing.T, place database.Options) (things int) {
	t.Helper()
	db, err := database.Open(t.Context(), "attic", place)
	var fenced *database.Fenced
	if errors.As(err, &fenced) {
		return -1
	}
	require.NoError(t, err)
	var count int64
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Model(&thing{}).Count(&count).Error }))
	require.NoError(t, db.Close())
	return int(count)
}

// hasArrived reports whether a move that was killed had come to its end, and expects that it left one place to open at
// most, with everything in it.
func hasArrived(t *testing.T, from, to database.Options, things int) bool {
	t.Helper()
	there, here := opens(t, to), opens(t, from)
	if here >= 0 { // it has not left: an empty schema may have been made for it
		require.Equal(t, things, here)
		require.LessOrEqual(t, there, 0)
	} else if there >= 0 {
		require.Equal(t, things, there)
	}
	return here < 0 && there >= 0
}
