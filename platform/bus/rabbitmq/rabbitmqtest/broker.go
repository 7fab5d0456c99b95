// Package rabbitmqtest gives tests a RabbitMQ: the one of all tests, or one of their own that they may kill.
package rabbitmqtest

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/loopback"
)

// URL is that of the broker of all tests: PANGAEA_TEST_RABBITMQ_URL, or one on this machine as it is installed.
func URL() string {
	return cmp.Or(os.Getenv("PANGAEA_TEST_RABBITMQ_URL"), "amqp://guest:guest@127.0.0.1:5672/")
}

// Reachable reports whether the broker of all tests can be reached. If not it says that nothing was tested on one; on
// CI that is the end of the tests.
func Reachable() bool {
	conn, err := amqp.DialConfig(URL(), amqp.Config{Dial: amqp.DefaultDial(5 * time.Second)})
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "not tested on RabbitMQ, which cannot be reached (%v): start one, or name one in PANGAEA_TEST_RABBITMQ_URL\n", err)
		if os.Getenv("CI") == "true" {
			os.Exit(1)
		}
	}
	return err == nil
}

// A Setup is what a broker has that others have not.
type Setup struct {
	Config  string   // lines of rabbitmq.conf
	Plugins []string // such as rabbitmq_management
}

// A Broker is a RabbitMQ of a test's own.
type Broker struct {
	t    testing.TB
	dir  string
	node string
	port string
	dist string // the port at which brokers and rabbitmqctl talk to it
	proc *exec.Cmd
	done chan struct{}
}

// Own starts a broker with nothing in it, from the programs that are installed.
func Own(t testing.TB, setups ...Setup) *Broker {
	t.Helper()
	b := &Broker{t: t, dir: t.TempDir(), port: FreePort(t), dist: FreePort(t)}
	var config, plugins string
	for _, s := range setups {
		config, plugins = config+s.Config+"\n", strings.Join(s.Plugins, ",")
	}
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "rabbitmq.conf"), []byte(config), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "plugins"), []byte("["+plugins+"]."), 0o600))
	b.node = "pangaea-" + b.port + "@localhost"
	t.Cleanup(func() {
		b.Kill()
		if words, _ := os.ReadFile(filepath.Join(b.dir, "output")); t.Failed() {
			t.Logf("RabbitMQ's last words:\n%s", words[max(0, len(words)-4000):])
		}
	})
	b.Start()
	return b
}

// URL names the broker for its administrator.
func (b *Broker) URL() string { return "amqp://guest:guest@" + b.Address() + "/" }

// Address is where the broker listens.
func (b *Broker) Address() string { return net.JoinHostPort("127.0.0.1", b.port) }

// Start starts the broker and waits until it answers.
func (b *Broker) Start() {
	b.t.Helper()
	b.proc = b.command("rabbitmq-server")
	require.NoError(b.t, b.proc.Start())
	done := make(chan struct{})
	b.done = done
	go func(proc *exec.Cmd) { _ = proc.Wait(); close(done) }(b.proc)
	require.Eventually(b.t, func() bool {
		conn, err := amqp.Dial(b.URL())
		if err == nil {
			err = conn.Close()
		}
		return err == nil
	}, 2*time.Minute, 100*time.Millisecond, "RabbitMQ does not start: see %s", filepath.Join(b.dir, "output"))
}

// Kill ends the broker as a power cut would.
func (b *Broker) Kill() { b.Signal(syscall.SIGKILL); <-b.done }

// Restart stops the broker and starts it again. A queue that is new is not safe before that: RabbitMQ writes down
// minutes later that there is one.
func (b *Broker) Restart() {
	b.t.Helper()
	b.Control("stop")
	<-b.done
	b.Start()
}

// Signal sends a signal to all processes of the broker.
func (b *Broker) Signal(signal syscall.Signal) { _ = syscall.Kill(-b.proc.Process.Pid, signal) }

// Control runs rabbitmqctl on the broker.
func (b *Broker) Control(args ...string) {
	b.t.Helper()
	command := b.command("rabbitmqctl", append([]string{"--node", b.node}, args...)...)
	require.NoError(b.t, command.Run(), "rabbitmqctl %v: see %s", args, filepath.Join(b.dir, "output"))
}

func (b *Broker) command(name string, args ...string) *exec.Cmd {
	b.t.Helper()
	log, err := os.OpenFile(filepath.Join(b.dir, "output"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = log.Close() })
	command := exec.Command(program(b.t, name), args...)
	command.Dir, command.Stdout, command.Stderr = b.dir, log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Env = append(os.Environ(), b.Env()...)
	command.Env = append(command.Env, "RABBITMQ_NODE_PORT="+b.port,
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_DIST_PORT="+b.dist, "RABBITMQ_MNESIA_BASE="+b.dir, "RABBITMQ_LOGS=-",
		"RABBITMQ_CONFIG_FILE="+filepath.Join(b.dir, "rabbitmq.conf"), "RABBITMQ_CONF_ENV_FILE="+filepath.Join(b.dir, "none"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+filepath.Join(b.dir, "plugins"),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+sbwt none +sbwtdcpu none +sbwtdio none") // no spinning beside the tests
	return command
}

// Env is what rabbitmqctl has to be told to find the broker.
func (b *Broker) Env() []string { return []string{"HOME=" + b.dir, "RABBITMQ_NODENAME=" + b.node} }

// Ctl is where rabbitmqctl is.
func Ctl(t testing.TB) string { return program(t, "rabbitmqctl") }

// Installed reports whether tests can have a broker of their own. If not it says what was not tested; on CI the test
// has failed.
func Installed(t testing.TB) bool {
	t.Helper()
	_, err := find("rabbitmq-server")
	switch {
	case err == nil:
		return true
	case os.Getenv("CI") == "true":
		t.Error(err)
	default:
		fmt.Fprintf(os.Stderr, "%s: not tested: %v\n", t.Name(), err)
	}
	return false
}

func program(t testing.TB, name string) string {
	t.Helper()
	path, err := find(name)
	require.NoError(t, err)
	return path
}

// find finds a program of RabbitMQ: those that Debian has in the path want to be run by root alone.
func find(name string) (string, error) {
	for _, path := range []string{"/usr/lib/rabbitmq/bin/" + name, name} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: it comes with Debian's package rabbitmq-server", name)
}

// FreePort is a port of this machine where a broker may listen.
func FreePort(t testing.TB) string {
	t.Helper()
	port, err := loopback.Port()
	require.NoError(t, err)
	return port
}
