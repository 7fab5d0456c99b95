package stories

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// inFiles keeps a shop's databases in its folder, whatever kind the other stories run on.
const inFiles = "PANGAEA_DATABASE_URL="

// backUp takes a backup and returns where it is.
func (s *shop) backUp() string {
	s.t.Helper()
	backup := filepath.Join(s.t.TempDir(), "backup")
	out, code := s.pangaea("backup", backup)
	require.Zero(s.t, code, out)
	return backup
}

// restored opens a shop of its own on what a backup holds.
func restored(t *testing.T, backup string) *shop {
	t.Helper()
	into := filepath.Join(t.TempDir(), "data")
	nobody := shop{t: t, env: append(os.Environ(), inFiles)}
	out, code := nobody.pangaea("restore", backup, "--data-dir", into)
	require.Zero(t, code, out)
	out, code = nobody.pangaea("check", "--data-dir", into)
	require.Zero(t, code, out)
	return open(t, inFiles, "PANGAEA_DATA_DIR="+into)
}

// staysShut expects that the shop does not start, and returns why not.
func (s *shop) staysShut() string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, binary(s.t, "monolith"))
	command.Env = s.env
	out, err := command.CombinedOutput()
	var ended *exec.ExitError
	require.ErrorAs(s.t, err, &ended, "%s", out)
	require.Equal(s.t, 1, ended.ExitCode(), "%s", out)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// Eight customers order while three backups are taken, and a fourth after a power cut. Each of them is a shop
// in which what had begun goes on to its end.
func TestBackupsAreTakenWhileCustomersOrder(t *testing.T) {
	t.Parallel()
	shop := open(t, inFiles)
	customers := gather(1, shop)
	staff := shop.staff()
	var backups []string
	var before [][]order
	for len(backups) < 4 {
		seen := len(staff.orders())
		eventually(t, func() bool { return len(staff.orders()) > seen+5 }, "nobody orders")
		before = append(before, staff.orders())
		if len(backups) == 3 {
			shop.kill()
		}
		backups = append(backups, shop.backUp())
	}
	shop.start()
	all := customers.leaves(shop)

	underWay := 0
	for i, backup := range backups {
		underWay += restored(t, backup).goesOn(before[i], all)
	}
	require.Positive(t, underWay, "every order had ended before the backups: the run proves nothing")
}

// goesOn expects that a restored shop has what was there before its backup began, leads it to its end, and
// sells on. It returns how many orders were under way.
func (s *shop) goesOn(before []order, atMost int) (underWay int) {
	t, staff, ids := s.t, s.staff(), map[string]bool{}
	t.Helper()
	eventually(t, func() bool {
		settled := true
		for _, o := range staff.orders() {
			ids[o.ID] = true
			settled = settled && o.Settled
		}
		return settled
	}, "orders of a backup do not end")
	for _, o := range before {
		require.True(t, ids[o.ID], "order %s was there before the backup, and is not in it", o.ID)
		if !o.Settled {
			underWay++
		}
	}
	require.LessOrEqual(t, len(ids), atMost)
	ada := s.customer("ada")
	ada.settles(ada.place("tok_approve", "KNOB", 1).ID)
	s.isSound()
	s.stop()
	return underWay
}

// A ledger of yesterday beside the orders of today would be a shop that contradicts itself.
func TestDatabasesOfTwoBackupsAreNotMixed(t *testing.T) {
	t.Parallel()
	shop := open(t, inFiles)
	shop.staff().sells("CUP", 500, 10)
	ada := shop.customer("ada")
	first := ada.settles(ada.place("tok_approve", "CUP", 1).ID)
	yesterday := shop.backUp()
	ada.settles(ada.place("tok_approve", "CUP", 1).ID)
	shop.stop()
	content, err := os.ReadFile(filepath.Join(yesterday, "payments.db"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(shop.dir, "payments.db"), content, 0o600))

	why := shop.staysShut()
	require.Contains(t, why, "do not belong together: payments.db of set ")
	out, code := shop.pangaea("backup", filepath.Join(t.TempDir(), "mixed"))
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "do not belong together: payments.db of set ")
	out, code = shop.pangaea("check")
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "do not belong together: payments.db of set ")
	require.Equal(t, 1, strings.Count(out, "\n"), out)

	out, code = shop.pangaea("restore", yesterday)
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "--replace")
	out, code = shop.pangaea("restore", yesterday, "--replace")
	require.Zero(t, code, out)
	shop.start()
	orders := shop.staff().orders()
	require.Len(t, orders, 1)
	require.Equal(t, first.ID, orders[0].ID)
	shop.isSound()

	out, code = shop.pangaea("restore", yesterday, "--replace")
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "is in use by another process")
}

func TestABackupThatWasTamperedWithIsRefused(t *testing.T) {
	t.Parallel()
	shop := open(t, inFiles)
	backup := shop.backUp()
	shop.stop()
	path := filepath.Join(backup, "ordering.db")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))

	out, code := shop.pangaea("restore", backup, "--replace")

	require.Equal(t, 1, code, out)
	require.Contains(t, out, "ordering.db is not as it was written")
	shop.start()
	shop.isSound()
}

// A restore that is killed has changed nothing, or leaves a folder in which nothing starts before it is run again.
func TestARestoreIsKilled(t *testing.T) {
	t.Parallel()
	shop := open(t, inFiles)
	shop.staff().sells("CUP", 500, 10)
	ada := shop.customer("ada")
	ada.settles(ada.place("tok_approve", "CUP", 1).ID)
	backup := shop.backUp()
	ada.settles(ada.place("tok_approve", "CUP", 1).ID)
	shop.stop()

	var refused, unchanged int
	for n := 0; n < 6 || refused == 0 || unchanged == 0; n++ {
		require.Less(t, n, 60, "%d restores were killed while files were exchanged, %d before: the run proves nothing", refused, unchanged)
		into := filepath.Join(t.TempDir(), "data")
		require.NoError(t, os.CopyFS(into, os.DirFS(shop.dir)))
		struck := shop.in(t)
		struck.env = append(slices.Clone(shop.env), "PANGAEA_DATA_DIR="+into)
		restoring := filepath.Join(into, "RESTORING")
		if struck.killedRestore(backup, []string{"", restoring, restoring}[n%3]) {
			continue // it was faster
		}
		if _, err := os.Stat(restoring); err == nil {
			refused++
			require.Contains(t, struck.staysShut(), "run pangaea restore again")
		} else {
			unchanged++
			out, code := struck.pangaea("migrate") // starts on the folder
			require.Zero(t, code, out)
		}
		out, code := struck.pangaea("restore", backup, "--replace")
		require.Zero(t, code, out)
		struck.start()
		require.Len(t, struck.staff().orders(), 1)
		struck.stop()
		struck.isSound()
	}
	t.Logf("killed while files were exchanged: %d, before: %d", refused, unchanged)
}

// killedRestore kills a restore at some moment, or when there is a sign of it, and reports whether it had
// come to its end before.
func (s *shop) killedRestore(backup, sign string) (ended bool) {
	s.t.Helper()
	command := exec.Command(binary(s.t, "pangaea"), "restore", backup, "--replace")
	command.Env = s.env
	require.NoError(s.t, command.Start())
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	moment := time.Now().Add(time.Duration(rand.IntN(300)) * time.Millisecond)
	for {
		_, err := os.Stat(sign)
		if err == nil || sign == "" && time.Now().After(moment) {
			_ = command.Process.Kill() // unless it has ended
			return <-done == nil
		}
		select {
		case err := <-done:
			require.NoError(s.t, err)
			return true
		case <-time.After(100 * time.Microsecond):
		}
	}
}
