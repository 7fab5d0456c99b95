package stories

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite" // so that sql.Open knows it
)

// A disk is where a shop's files are, and can be full.
type disk struct {
	t       testing.TB
	dir     string
	mounted bool
}

// smallDisk is a file system of its own. Who may not mount one forbids the shop's files to grow instead:
// that fails in the same places, with another error.
func smallDisk(t testing.TB) *disk {
	d := &disk{t: t, dir: filepath.Join(t.TempDir(), "disk")}
	require.NoError(t, os.Mkdir(d.dir, 0o700))
	err := unix.Mount("tmpfs", d.dir, "tmpfs", 0, "size=64m")
	if d.mounted = err == nil; d.mounted {
		t.Cleanup(func() { require.NoError(t, unix.Unmount(d.dir, 0)) })
	} else {
		t.Logf("a small disk cannot be mounted (%s): the files may not grow instead", err)
	}
	return d
}

func (d *disk) ballast() string { return filepath.Join(d.dir, "ballast") }

// fill leaves no room for the shop.
func (d *disk) fill(s *shop) {
	if !d.mounted {
		info, err := os.Stat(filepath.Join(d.dir, "ordering.db-wal"))
		require.NoError(d.t, err)
		s.limitFiles(uint64(info.Size()))
		return
	}
	file, err := os.Create(d.ballast())
	require.NoError(d.t, err)
	defer func() { _ = file.Close() }()
	for block := make([]byte, 1<<20); err == nil; _, err = file.Write(block) {
	}
	require.ErrorIs(d.t, err, unix.ENOSPC)
}

// clear makes room again.
func (d *disk) clear(s *shop) {
	if !d.mounted {
		s.limitFiles(unlimited)
		return
	}
	require.NoError(d.t, os.Remove(d.ballast()))
}

const unlimited uint64 = unix.RLIM_INFINITY

// limitFiles forbids the shop to write beyond so many bytes of any file: to write at all if there are none.
func (s *shop) limitFiles(size uint64) {
	limit := unix.Rlimit{Cur: size, Max: unlimited}
	require.NoError(s.t, unix.Prlimit(s.proc.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil))
}

// lock keeps the shop from writing to a module's database, until unlock is called.
func (s *shop) lock(module string) (unlock func()) {
	ctx := context.Background()
	db, err := sql.Open("sqlite", filepath.Join(s.setting("PANGAEA_DATA_DIR"), module+".db"))
	require.NoError(s.t, err)
	conn, err := db.Conn(ctx)
	require.NoError(s.t, err)
	eventually(s.t, func() bool { _, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE"); return err == nil }, "%s cannot be locked: %s", module, &err)
	unlock = sync.OnceFunc(func() {
		_, rolledBack := conn.ExecContext(ctx, "ROLLBACK")
		require.NoError(s.t, errors.Join(rolledBack, conn.Close(), db.Close()))
	})
	s.t.Cleanup(unlock)
	return unlock
}

// deafen shuts the socket down on which the shop listens, behind its back.
func (s *shop) deafen() {
	t, pid := s.t, s.proc.Process.Pid
	process, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)
	defer func() { _ = unix.Close(process) }()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	require.NoError(t, err)
	for _, entry := range open {
		theirs, err := strconv.Atoi(entry.Name())
		require.NoError(t, err)
		if ours, err := unix.PidfdGetfd(process, theirs, 0); err == nil {
			listens, err := unix.GetsockoptInt(ours, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
			if err == nil && listens == 1 {
				require.NoError(t, unix.Shutdown(ours, unix.SHUT_RDWR))
				t.Logf("descriptor %d does not listen any more", theirs)
			}
			require.NoError(t, unix.Close(ours))
		}
	}
}

// A lookout asks all the time whether a shop is ready.
type lookout struct {
	t       testing.TB
	mu      sync.Mutex
	ready   bool
	since   time.Time
	slowest time.Duration
}

// watched has a lookout stand at the door until the test ends.
func (s *shop) watched() *lookout {
	l := &lookout{t: s.t, ready: true, since: time.Now()}
	ctx, leave := context.WithCancel(context.Background())
	var standing sync.WaitGroup
	standing.Go(func() {
		for ctx.Err() == nil {
			l.look(ctx, s.url+"/readyz")
			<-time.After(50 * time.Millisecond)
		}
	})
	s.t.Cleanup(func() { leave(); standing.Wait() })
	return l
}

// slow is the longest that readiness took to be said, so far.
func (l *lookout) slow() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.slowest
}

func (l *lookout) look(ctx context.Context, url string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	began := time.Now()
	response, err := client.Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowest = max(l.slowest, time.Since(began))
	if ready := err == nil && response.StatusCode == http.StatusOK; ready != l.ready {
		l.ready, l.since = ready, time.Now()
	}
}

// becomes waits until the shop is ready, or is not, and returns since when.
func (l *lookout) becomes(ready bool) (since time.Time) {
	l.t.Helper()
	eventually(l.t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		since = l.since
		return l.ready == ready
	}, "readiness does not become %t", ready)
	return since
}
