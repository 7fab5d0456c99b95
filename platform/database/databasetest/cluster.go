package databasetest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/loopback"
)

// A Cluster is a database server of a test's own, which it may kill.
type Cluster struct {
	t    testing.TB
	kind database.Dialect
	dir  string
	port string
	as   *syscall.Credential
	proc *exec.Cmd
	done chan struct{}
}

// Own starts a server of a kind, with nothing in it, from the programs that are installed.
func Own(t testing.TB, kind database.Dialect) *Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "pangaea-cluster-") // not of the test: its owner is somebody else
	require.NoError(t, err)
	port, err := loopback.Port()
	require.NoError(t, err)
	c := &Cluster{t: t, kind: kind, dir: dir, port: port}
	t.Cleanup(func() { c.Kill(); require.NoError(t, os.RemoveAll(dir)) })
	c.as = servant(t, dir)
	if kind == database.MySQL {
		c.run("mariadb-install-db", "--no-defaults", "--datadir="+c.data(), "--auth-root-authentication-method=normal", "--skip-test-db")
	} else {
		c.run("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "--no-sync")
	}
	c.Start()
	return c
}

// servant is who runs a server where we are root, which no server likes. Who we are owns the folder otherwise.
func servant(t testing.TB, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	require.NoError(t, err)
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	require.NoError(t, err)
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, int(uid), int(gid)))
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// URL names a database of the cluster for its administrator.
func (c *Cluster) URL(name string) string {
	if c.kind == database.MySQL {
		return "mysql://root@127.0.0.1:" + c.port + "/" + name
	}
	return "postgres://postgres@127.0.0.1:" + c.port + "/" + name + "?sslmode=disable"
}

// Places are places on the cluster for the databases of any modules. The same name has the same place.
func (c *Cluster) Places() database.Places {
	shared := c.URL("postgres")
	if c.kind == database.MySQL {
		shared = c.URL("pangaea")
	}
	return func(module string) (database.Options, error) {
		own, err := database.Share(shared, module)
		return database.Options{URL: own}, err
	}
}

// Start starts the server and waits until it answers. One that was killed may need several attempts: for a
// moment something of it may be left that its successor takes for a server.
func (c *Cluster) Start() {
	c.t.Helper()
	c.launch()
	admin := "postgres"
	if c.kind == database.MySQL {
		admin = "mysql"
	}
	db := Connect(c.t, c.kind, c.URL(admin))
	defer func() { _ = db.Close() }()
	require.Eventually(c.t, func() bool {
		select {
		case <-c.done:
			c.launch()
		default:
		}
		return db.Ping() == nil
	}, time.Minute, 50*time.Millisecond, "the database server does not start: see %s", filepath.Join(c.dir, "log"))
}

func (c *Cluster) launch() {
	if c.kind == database.MySQL {
		c.proc = c.command("mariadbd", "--no-defaults", "--datadir="+c.data(), "--port="+c.port, "--bind-address=127.0.0.1",
			"--socket="+filepath.Join(c.dir, "socket"), "--pid-file="+filepath.Join(c.dir, "pid"), "--skip-name-resolve",
			"--innodb-buffer-pool-size=128M", "--max-connections=500")
	} else {
		c.proc = c.command("postgres", "-D", c.data(), "-p", c.port, "-h", "127.0.0.1", "-k", c.dir, "-c", "max_connections=500")
	}
	require.NoError(c.t, c.proc.Start())
	c.done = make(chan struct{})
	go func(proc *exec.Cmd, done chan struct{}) { _ = proc.Wait(); close(done) }(c.proc, c.done)
}

// Kill ends the server with all its processes, as a power cut would.
func (c *Cluster) Kill() {
	if c.proc == nil || c.proc.Process == nil {
		return
	}
	all := append(children(c.proc.Process.Pid), c.proc.Process.Pid)
	for _, pid := range all {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-c.done
	require.Eventually(c.t, func() bool { // until the last one is gone, the memory that they share is in use
		return !slices.ContainsFunc(all, func(pid int) bool { return syscall.Kill(pid, 0) == nil })
	}, 30*time.Second, 10*time.Millisecond)
}

// children are the processes that a process has started.
func children(parent int) (pids []int) {
	for _, file := range glob("/proc/" + strconv.Itoa(parent) + "/task/*/children") {
		text, _ := os.ReadFile(file) // none if it has just ended
		for _, field := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(field)
			pids = append(pids, pid)
		}
	}
	return pids
}

func glob(pattern string) []string {
	found, _ := filepath.Glob(pattern) // the patterns are ours
	return found
}

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	c.t.Helper()
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = log.Close() })
	command := exec.Command(program(c.t, name), args...)
	command.Dir, command.Stdout, command.Stderr = c.dir, log, log
	command.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Pdeathsig: syscall.SIGKILL}
	return command
}

func (c *Cluster) run(name string, args ...string) {
	c.t.Helper()
	require.NoError(c.t, c.command(name, args...).Run(), "%s: see %s", name, filepath.Join(c.dir, "log"))
}

// program finds a program of a server, also where Debian hides PostgreSQL's from the path.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found := glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		t.Fatalf("%s is not installed: it comes with Debian's packages postgresql and mariadb-server", name)
	}
	return found[len(found)-1] // of the newest version
}
