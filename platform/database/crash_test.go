package database_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// victim makes this test binary a process that writes until it is killed.
const victim = "PANGAEA_TEST_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		writeUntilKilled(dir)
	}
	goleak.VerifyTestMain(m)
}

// writeUntilKilled says the id of every note that was durable when it said it.
func writeUntilKilled(dir string) {
	db, err := database.Open(context.Background(), "diary", database.Options{Dir: dir, Migrations: notes(2)})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	run := os.Getpid()
	for w := range 8 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprint(run, "-", w, "-", n)
				if err := write(context.Background(), db, id, strings.Repeat("x", 500)); err == nil {
					fmt.Println(id)
				}
			}
		}()
	}
	select {}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	dir, acknowledged := t.TempDir(), []string{}
	for round := range 4 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), victim+"="+dir)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		kill := sync.OnceFunc(func() { _ = child.Process.Kill() })
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			require.NotContains(t, lines.Text(), "error")
			acknowledged = append(acknowledged, lines.Text())
			if n == 20+50*round {
				kill()
			}
		}
		_ = child.Wait() // it was killed
	}

	db, err := start(t, dir, notes(2))
	require.NoError(t, err)
	require.Subset(t, read(t, db), acknowledged)
	var verdict string
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Raw("PRAGMA integrity_check").Scan(&verdict).Error
	}))
	require.Equal(t, "ok", verdict)
}
