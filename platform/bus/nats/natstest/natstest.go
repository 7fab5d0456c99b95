// Package natstest gives tests a NATS: the one of all tests, or one of their own that they may kill.
package natstest

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// URL is that of the server of all tests: PANGAEA_TEST_NATS_URL, or one on this machine as it is installed.
func URL() string { return cmp.Or(os.Getenv("PANGAEA_TEST_NATS_URL"), nats.DefaultURL) }

// Reachable reports whether the server of all tests can be reached, and has JetStream. If not it says that nothing was
// tested on one; on CI that is the end of the tests.
func Reachable() bool {
	err := answers(URL())
	if err != nil {
		fmt.Fprintf(os.Stderr, "not tested on a NATS of its own, which cannot be reached (%v): start one with -js, or name one in PANGAEA_TEST_NATS_URL\n", err)
		if os.Getenv("CI") == "true" {
			os.Exit(1)
		}
	}
	return err == nil
}

func answers(url string) error {
	conn, err := nats.Connect(url, nats.Timeout(5*time.Second))
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err == nil {
		_, err = js.AccountInfo(context.Background())
	}
	return err
}

// A Server is a message server of a test's own, in a process of its own.
type Server struct {
	t    testing.TB
	dir  string
	port string
	proc *exec.Cmd
	done chan struct{}
}

// Own starts a server with nothing in it.
func Own(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), port: freePort(t)}
	t.Cleanup(func() {
		s.Kill()
		if words, _ := os.ReadFile(s.output()); t.Failed() {
			t.Logf("the message server's last words:\n%s", words[max(0, len(words)-4000):])
		}
	})
	s.Start()
	return s
}

// URL names the server.
func (s *Server) URL() string { return "nats://" + s.Address() }

// Address is where the server listens.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", s.port) }

func (s *Server) output() string { return filepath.Join(s.dir, "output") }

// Start starts the server and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	log, err := os.OpenFile(s.output(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	require.NoError(s.t, err)
	defer func() { _ = log.Close() }()
	s.proc = exec.Command(binary(s.t))
	s.proc.Stdout, s.proc.Stderr = log, log
	s.proc.Env = append(os.Environ(), "PANGAEA_NATS_ADDR="+s.Address(), "PANGAEA_NATS_DIR="+filepath.Join(s.dir, "messages"))
	s.proc.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(s.t, s.proc.Start())
	done := make(chan struct{})
	s.done = done
	go func(proc *exec.Cmd) { _ = proc.Wait(); close(done) }(s.proc)
	require.Eventually(s.t, func() bool { return answers(s.URL()) == nil }, time.Minute, 20*time.Millisecond, "the message server does not start: see %s", s.output())
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() { s.Signal(syscall.SIGKILL); <-s.done }

// Signal sends a signal to the server.
func (s *Server) Signal(signal syscall.Signal) { _ = s.proc.Process.Signal(signal) }

// binary is cmd/split/messages, built once.
func binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	require.NoError(t, err)
	return path
}

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pangaea-messages-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "messages")
	build := exec.Command("go", "build", "-o", path, "github.com/pangaea-shop/pangaea/cmd/split/messages")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build cmd/split/messages: %w\n%s", err, out)
	}
	return path, nil
})

func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}
