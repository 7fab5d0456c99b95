// Package natstest gives tests a NATS of their own that they may kill: the shop's, or one as others have it.
package natstest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/loopback"
)

// A Server is a message server of a test's own, in a process of its own.
type Server struct {
	t    testing.TB
	dir  string
	port string
	make func(*Server) *exec.Cmd
	asks []nats.Option // who finds out whether it is there
	proc *exec.Cmd
	done chan struct{}
}

// Own starts cmd/split/messages with nothing in it.
func Own(t testing.TB) *Server {
	t.Helper()
	program := filepath.Join(t.TempDir(), "messages")
	build := exec.Command("go", "build", "-o", program, "github.com/pangaea-shop/pangaea/cmd/split/messages")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return start(t, func(s *Server) *exec.Cmd {
		command := exec.Command(program)
		command.Env = append(os.Environ(), "PANGAEA_NATS_ADDR="+s.Address(), "PANGAEA_NATS_DIR="+s.messages())
		return command
	})
}

// Stock starts a nats-server as it is installed, with nothing in it and, beside JetStream, these arguments.
func Stock(t testing.TB, args ...string) *Server {
	t.Helper()
	return Secured(t, nil, args...)
}

// Secured is Stock for a server that answers only those who connect with these options.
func Secured(t testing.TB, options []nats.Option, args ...string) *Server {
	t.Helper()
	program, err := find()
	require.NoError(t, err)
	return start(t, func(s *Server) *exec.Cmd {
		return exec.Command(program, append([]string{"-a", "127.0.0.1", "-p", s.port, "-js", "-sd", s.messages()}, args...)...)
	}, options...)
}

// Installed reports whether there is a nats-server. If not it says what was not tested; on CI the test has failed.
func Installed(t testing.TB) bool {
	t.Helper()
	_, err := find()
	switch {
	case err == nil:
		return true
	case os.Getenv("CI") == "true":
		t.Error(err)
	default:
		fmt.Fprintf(os.Stderr, "%s: not tested on a nats-server: %v\n", t.Name(), err)
	}
	return false
}

// find finds nats-server, also where only an administrator looks for programs.
func find() (string, error) {
	for _, path := range []string{"nats-server", "/usr/sbin/nats-server"} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("nats-server is not installed: it comes with Debian's package of that name")
}

func start(t testing.TB, command func(*Server) *exec.Cmd, asks ...nats.Option) *Server {
	t.Helper()
	port, err := loopback.Port()
	require.NoError(t, err)
	s := &Server{t: t, dir: t.TempDir(), port: port, make: command, asks: asks}
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

func (s *Server) output() string   { return filepath.Join(s.dir, "output") }
func (s *Server) messages() string { return filepath.Join(s.dir, "messages") }

// Start starts the server and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	log, err := os.OpenFile(s.output(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	require.NoError(s.t, err)
	defer func() { _ = log.Close() }()
	s.proc = s.make(s)
	s.proc.Stdout, s.proc.Stderr = log, log
	s.proc.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(s.t, s.proc.Start())
	done := make(chan struct{})
	s.done = done
	go func(proc *exec.Cmd) { _ = proc.Wait(); close(done) }(s.proc)
	require.Eventually(s.t, func() bool { return answers(s.URL(), s.asks) }, time.Minute, 20*time.Millisecond, "the message server does not start: see %s", s.output())
}

// answers reports whether there is a server with JetStream.
func answers(url string, options []nats.Option) bool {
	conn, err := nats.Connect(url, append([]nats.Option{nats.Timeout(5 * time.Second)}, options...)...)
	if err != nil {
		return false
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err == nil {
		_, err = js.AccountInfo(context.Background())
	}
	return err == nil
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() { s.Signal(syscall.SIGKILL); <-s.done }

// Signal sends a signal to the server.
func (s *Server) Signal(signal syscall.Signal) { _ = s.proc.Process.Signal(signal) }
