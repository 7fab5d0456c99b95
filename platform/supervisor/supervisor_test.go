package supervisor_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/loopback"
	"github.com/pangaea-shop/pangaea/platform/supervisor"
)

// role says what the test's own program does when a supervisor runs it.
const role = "SUPERVISOR_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "server":
		serve(syscall.SIGTERM)
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		serve(syscall.SIGHUP)
	case "supervisor":
		supervise()
	case "late":
		fmt.Println("may be woken", late(), "late")
		serve(syscall.SIGTERM)
	case "broken":
		fmt.Fprintln(os.Stderr, "PANGAEA_SOMETHING is wrong")
		os.Exit(2)
	}
}

// serve answers with its own process id until a signal tells it to stop, and first ends what it has begun.
func serve(end os.Signal) {
	listener, err := net.FileListener(os.NewFile(3, "socket"))
	if err != nil {
		listener, err = net.Listen("tcp", os.Getenv("ADDRESS"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), end)
	defer stop()
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	fmt.Printf("%s is open\nand says ", os.Getenv("NAME"))
	fmt.Println("more")
	var answering sync.WaitGroup
	for {
		conn, err := listener.Accept()
		if err != nil {
			break
		}
		answering.Go(func() {
			defer func() { _ = conn.Close() }()
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			pid := strconv.Itoa(os.Getpid())
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(pid), pid)
		})
	}
	answering.Wait()
	fmt.Printf("%s is closed", os.Getenv("NAME")) // without an end of the line
}

// supervise runs a server until it is killed.
func supervise() {
	executable, _ := os.Executable()
	server := supervisor.Program{Name: "server", Path: executable, Env: []string{role + "=server", "ADDRESS=" + os.Getenv("ADDRESS")}}
	if _, err := supervisor.Start(context.Background(), supervisor.Options{}, []supervisor.Program{server}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {}
}

// printed is what programs print.
type printed struct {
	mu   sync.Mutex
	text strings.Builder
}

func (p *printed) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// a program of a role, and where it is reached.
func a(t *testing.T, does, name string) (supervisor.Program, string) {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	address, err := loopback.Address()
	require.NoError(t, err)
	url := "http://" + address
	return supervisor.Program{
		Name: name, Path: executable, Ready: url,
		Env: []string{role + "=" + does, "ADDRESS=" + address, "NAME=" + name},
	}, url
}

// ask returns what a server answers.
func ask(url string) (string, error) {
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		err = errors.Join(err, errors.New(response.Status))
	}
	return string(answer), err
}

// begin starts programs in stages and stops them when the test ends.
func begin(t *testing.T, options supervisor.Options, stages ...[]supervisor.Program) *supervisor.Supervisor {
	t.Helper()
	s, err := supervisor.Start(t.Context(), options, stages...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Stop()) })
	return s
}

// Programs are ready when Start returns, in the order of their stages; they stop the other way round; and whole lines
// of each stand behind its name.
func TestProgramsRunAsOne(t *testing.T) {
	t.Parallel()
	var out printed
	store, atStore := a(t, "server", "store")
	shop, atShop := a(t, "server", "corner shop")
	s, err := supervisor.Start(t.Context(), supervisor.Options{Out: &out}, []supervisor.Program{store}, []supervisor.Program{shop})
	require.NoError(t, err)
	for _, url := range []string{atStore, atShop} {
		_, err := ask(url)
		require.NoError(t, err)
	}
	require.NoError(t, s.Stop())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Equal(t, []string{
		"store       │ store is open",
		"store       │ and says more",
		"corner shop │ corner shop is open",
		"corner shop │ and says more",
		"corner shop │ corner shop is closed",
		"store       │ store is closed",
	}, lines)
	_, err = ask(atShop)
	require.Error(t, err, "nothing is left running")
}

// A program that dies is started again.
func TestOneThatDiesIsStartedAgain(t *testing.T) {
	t.Parallel()
	var out printed
	p, url := a(t, "server", "mortal")
	s := begin(t, supervisor.Options{Out: &out, Pause: time.Millisecond}, []supervisor.Program{p})
	first, err := ask(url)
	require.NoError(t, err)
	require.True(t, s.Signal("mortal", syscall.SIGKILL))
	require.False(t, s.Signal("immortal", syscall.SIGKILL))
	require.Eventually(t, func() bool {
		again, err := ask(url)
		return err == nil && again != first
	}, time.Minute, 10*time.Millisecond)
	require.Contains(t, out.String(), "mortal │ ended by itself (signal: killed): it is started again in 1ms")
}

// One that cannot start is told with its last words, and takes the others with it.
func TestOneThatCannotStartTakesTheOthersWithIt(t *testing.T) {
	t.Parallel()
	var out printed
	well, url := a(t, "server", "well")
	broken, _ := a(t, "broken", "broken")
	_, err := supervisor.Start(t.Context(), supervisor.Options{Out: &out}, []supervisor.Program{well}, []supervisor.Program{broken})
	require.EqualError(t, err, "broken does not start (exit status 2): PANGAEA_SOMETHING is wrong")
	_, err = ask(url)
	require.Error(t, err)

	missing, _ := a(t, "server", "missing")
	missing.Path = "/nowhere/at/all"
	_, err = supervisor.Start(t.Context(), supervisor.Options{}, []supervisor.Program{well, missing})
	require.ErrorContains(t, err, "start missing: fork/exec /nowhere/at/all: no such file")
	_, err = ask(url)
	require.Error(t, err)

	never, _ := a(t, "server", "never")
	never.Ready = url // where nobody is
	_, err = supervisor.Start(t.Context(), supervisor.Options{Limit: 300 * time.Millisecond}, []supervisor.Program{never})
	require.EqualError(t, err, "never does not become ready: context deadline exceeded")
}

// While programs are restarted in turn, who talks to a socket that is the supervisor's is never refused.
func TestARestartRefusesNobody(t *testing.T) {
	t.Parallel()
	back, _ := a(t, "server", "back")
	edge, url := a(t, "server", "edge")
	edge.Listen = strings.TrimPrefix(url, "http://")
	s := begin(t, supervisor.Options{}, []supervisor.Program{back}, []supervisor.Program{edge})

	seen, stop := map[string]bool{}, make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			answer, err := ask(url)
			assert.NoError(t, err)
			seen[answer] = true
		}
	})
	for range 2 {
		require.NoError(t, s.Restart(t.Context()))
	}
	close(stop)
	asking.Wait()
	require.GreaterOrEqual(t, len(seen), 2, "others answered before and after")
}

// An address that is taken is told, with whose it was to be.
func TestAnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	edge, _ := a(t, "server", "edge")
	edge.Listen = listener.Addr().String()
	_, err = supervisor.Start(t.Context(), supervisor.Options{}, []supervisor.Program{edge})
	require.ErrorContains(t, err, "listen for edge: listen tcp "+edge.Listen)
	require.ErrorIs(t, err, syscall.EADDRINUSE)
}

// One that does not listen to a request to stop is killed.
func TestOneThatDoesNotStopIsKilled(t *testing.T) {
	t.Parallel()
	var out printed
	p, url := a(t, "deaf", "deaf")
	p.Grace = 100 * time.Millisecond
	s, err := supervisor.Start(t.Context(), supervisor.Options{Out: &out}, []supervisor.Program{p})
	require.NoError(t, err)
	require.NoError(t, s.Stop())
	require.Contains(t, out.String(), "deaf │ does not stop within 100ms and is killed")
	_, err = ask(url)
	require.Error(t, err)
}
