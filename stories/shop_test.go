// Package stories tells what people do with the shop, over HTTP, against the real binary.
package stories

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/loopback"
)

const (
	staffEmail    = "staff@pangaea.example"
	staffPassword = "the staff of this story"
	patience      = time.Minute // how long a condition may take on a slow machine
)

// A shop is a running process with a data folder of its own, or several that another one runs.
type shop struct {
	t      testing.TB
	url    string
	dir    string
	server string // the URL of its database, if that is on a server
	env    []string
	split  bool
	doors  []string // the URLs of all its processes
	proc   *exec.Cmd
	out    *lockedBuffer
	done   chan struct{} // closed when proc has ended
}

// open starts a shop with an empty data folder; settings are NAME=value. What happens after dispatch
// takes no time unless a setting says otherwise.
func open(t testing.TB, settings ...string) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir(), out: &lockedBuffer{}, split: split()}
	s.env = append([]string{
		"HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH"), "PANGAEA_DATA_DIR=" + s.dir, "PANGAEA_LOG_FORMAT=json",
		"PANGAEA_STAFF_EMAIL=" + staffEmail, "PANGAEA_STAFF_PASSWORD=" + staffPassword,
		"PANGAEA_CARRIER_DISPATCH_AFTER=0s", "PANGAEA_CARRIER_DELIVER_AFTER=0s", "PANGAEA_RATE_LIMIT=off",
	}, append(append(s.servers(settings), s.carried(settings)...), settings...)...)
	if s.split {
		file, edge := s.taken(as)
		s.env, s.url = append(s.env, "PANGAEA_TOPOLOGY="+file), "http://"+edge
	} else {
		if !said(settings, "PANGAEA_HTTP_ADDR") {
			s.env = append(s.env, "PANGAEA_HTTP_ADDR="+freeAddr(t))
		}
		s.url = "http://" + s.setting("PANGAEA_HTTP_ADDR")
		s.doors = []string{s.url}
	}
	s.start()
	t.Cleanup(func() {
		s.stop()
		if _, race, found := strings.Cut(s.out.String(), "WARNING: DATA RACE"); found {
			t.Errorf("a data race in the shop: %.4000s", race)
		}
		if t.Failed() {
			t.Logf("the shop's last words:\n%s", s.out.tail(8000))
		}
	})
	return s
}

// servers says where the shop's databases are, unless its settings do: on the kind that the tests run on.
func (s *shop) servers(settings []string) []string {
	kind := databasetest.Dialect()
	if kind == database.SQLite || said(settings, "PANGAEA_DATABASE_URL") {
		return nil
	}
	s.server = databasetest.Server(s.t, kind)
	return []string{"PANGAEA_DATABASE_URL=" + s.server}
}

// said reports whether settings have one of this name.
func said(settings []string, name string) bool {
	return slices.ContainsFunc(settings, func(setting string) bool { return strings.HasPrefix(setting, name+"=") })
}

// setting is the value of a setting, the last that was given.
func (s *shop) setting(name string) (value string) {
	for _, setting := range s.env {
		if v, ok := strings.CutPrefix(setting, name+"="); ok {
			value = v
		}
	}
	return value
}

// in is the same shop for a part of the test.
func (s *shop) in(t testing.TB) *shop {
	part := *s
	part.t = t
	return &part
}

// start runs the shop and waits until it is ready, for at most limit.
func (s *shop) start() time.Duration {
	s.t.Helper()
	began := time.Now()
	s.proc = s.program()
	s.proc.Env, s.proc.Stdout, s.proc.Stderr = s.env, s.out, s.out
	s.proc.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(s.t, s.proc.Start())
	s.done = make(chan struct{})
	go func(proc *exec.Cmd, done chan struct{}) { _ = proc.Wait(); close(done) }(s.proc, s.done)
	s.ready()
	return time.Since(began)
}

// ready waits until the shop can do real work.
func (s *shop) ready() {
	s.t.Helper()
	var why string
	eventually(s.t, func() bool { why = s.unready(); return why == "" }, "the shop does not become ready: %s", &why)
}

// twin opens the same shop once more, as another process on the same database server.
func (s *shop) twin() *shop {
	s.t.Helper()
	return open(s.t, append(slices.Clone(s.env), "PANGAEA_HTTP_ADDR="+freeAddr(s.t))...)
}

// kill ends the process without a warning, as a power cut would.
func (s *shop) kill() {
	_ = s.proc.Process.Kill()
	<-s.done
}

// stop asks the process to end and waits for it.
func (s *shop) stop() {
	_ = s.proc.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(30 * time.Second):
		s.kill()
		s.t.Errorf("the shop did not stop within 30 s")
	}
}

// pangaea runs the operator's command on the shop's data and returns what it printed and its exit code.
func (s *shop) pangaea(args ...string) (string, int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary(s.t, "pangaea"), args...)
	command.Env = s.env
	out, err := command.CombinedOutput()
	if command.ProcessState == nil {
		require.NoError(s.t, err)
	}
	return string(out), command.ProcessState.ExitCode()
}

var built sync.Map // name → func() (path, error), run once

// binary builds a command once for all stories; the shop with the race detector if the tests have it.
func binary(t testing.TB, name string) string {
	t.Helper()
	build, _ := built.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		path, command := filepath.Join(programs, name), exec.Command("go", "build", "-ldflags=-s -w")
		if raceEnabled && name == "monolith" {
			path += "-race"
			command.Args = append(command.Args, "-race", "-gcflags=modernc.org/sqlite/lib=-race=false") // see Makefile
		} else {
			command.Env = append(os.Environ(), "CGO_ENABLED=0") // as everything else is built
		}
		if name == "split" { // which runs all others
			command.Args = append(command.Args, "-o", programs, "../cmd/monolith", "../cmd/split/...")
		} else {
			command.Args = append(command.Args, "-o", path, "../cmd/"+name)
		}
		out, err := command.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("go build %s: %w\n%s", name, err, out)
		}
		return path, err
	}))
	path, err := build.(func() (string, error))()
	require.NoError(t, err)
	return path
}

// programs is where they are built, and found again by the next who tells stories: go links only what has changed.
var programs = filepath.Join("..", "bin", "stories")

func TestMain(m *testing.M) {
	if as != "" && !local() && !rabbitmqtest.Reachable() { // and it has said so
		if split() {
			return
		}
		as = "" // the database is there all the same
	}
	var err error
	if programs, err = filepath.Abs(programs); err != nil {
		panic(err)
	}
	if err = os.MkdirAll(programs, 0o755); err != nil {
		panic(err)
	}
	m.Run()
}

func freeAddr(t testing.TB) string {
	t.Helper()
	address, err := loopback.Address()
	require.NoError(t, err)
	return address
}

// A lockedBuffer keeps what a process prints.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func (b *lockedBuffer) tail(n int) string {
	text := b.String()
	return text[max(0, len(text)-n):]
}

// eventually waits until a condition holds. Where it does not, args that are pointers say what was there last.
func eventually(t testing.TB, condition func() bool, format string, args ...any) {
	t.Helper()
	if assert.Eventually(t, condition, patience, 10*time.Millisecond) {
		return
	}
	for i, arg := range args {
		if _, speaks := arg.(fmt.Stringer); speaks {
			continue
		}
		if value := reflect.ValueOf(arg); value.Kind() == reflect.Pointer {
			args[i] = value.Elem().Interface()
		}
	}
	require.FailNowf(t, "in vain", format, args...)
}
