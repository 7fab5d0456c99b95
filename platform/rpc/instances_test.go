package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/loopback"
	"github.com/pangaea-shop/pangaea/platform/rpc"
)

// named answers with a name.
func named(name string) echo {
	return func(context.Context, string) (string, error) { return name, nil }
}

// heard waits until exactly these answer, whoever is asked next.
func heard(t *testing.T, asking caller, names ...string) {
	t.Helper()
	require.Eventually(t, func() bool {
		answered := map[string]bool{}
		for range 10 * len(names) {
			name, err := asking.say(t.Context(), "")
			require.NoError(t, err)
			answered[name] = true
		}
		for _, name := range names {
			if !answered[name] {
				return false
			}
		}
		return len(answered) == len(names)
	}, 10*time.Second, 5*time.Millisecond)
}

// A moving directory is one whose entries change, or that cannot be read at times.
type moving struct {
	mu    sync.Mutex
	now   discovery.Static
	wrong error
	looks int
}

func (m *moving) set(now discovery.Static, wrong error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now, m.wrong = now, wrong
}

func (m *moving) looked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.looks
}

func (m *moving) Lookup(ctx context.Context, module string, over discovery.Protocol) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks++
	if m.wrong != nil {
		return nil, m.wrong
	}
	return m.now.Lookup(ctx, module, over)
}

func TestInstancesAreAskedInTurnWhileTheyComeAndGo(t *testing.T) {
	t.Parallel()
	a, b := serve(t, rpc.Settings{}, nil, named("a")), serve(t, rpc.Settings{}, nil, named("b"))
	directory := &moving{now: at(a)}
	asking := dial(t, rpc.Settings{}, directory)
	heard(t, asking, "a")

	directory.set(at(a, b), nil)
	heard(t, asking, "a", "b")

	directory.set(at(b), nil)
	heard(t, asking, "b")
}

func TestTheLastKnownInstancesCountWhileNobodyCanBeLookedUp(t *testing.T) {
	t.Parallel()
	directory := &moving{now: at(serve(t, rpc.Settings{}, nil, named("a")))}
	asking := dial(t, rpc.Settings{}, directory)
	heard(t, asking, "a")
	for _, wrong := range []error{errors.New("the directory is away"), nil} {
		directory.set(discovery.Static{}, wrong) // without an error of its own, nobody is known
		before := directory.looked()
		require.Eventually(t, func() bool { return directory.looked() > before }, 10*time.Second, 5*time.Millisecond)

		heard(t, asking, "a")
	}
}

func TestAModuleThatNobodyHostsIsNamed(t *testing.T) {
	t.Parallel()
	asking := dial(t, rpc.Settings{Timeout: 2 * time.Second}, discovery.Static{})
	_, err := asking.say(t.Context(), "")
	require.True(t, fault.Is(err, fault.Unavailable), err)
	require.ErrorContains(t, err, "nobody is known who hosts sample and speaks grpc")
}

func TestAQuestionWaitsForAnInstance(t *testing.T) {
	t.Parallel()
	directory := &moving{}
	asking := dial(t, rpc.Settings{Timeout: 10 * time.Second}, directory)
	answer := asking.later(t)
	require.Eventually(t, func() bool { return directory.looked() > 0 }, 10*time.Second, time.Millisecond)

	directory.set(at(serve(t, rpc.Settings{}, nil, named("a"))), nil)

	require.Equal(t, "a", <-answer)
}

// later asks, and answers when there is an answer.
func (c caller) later(t *testing.T) <-chan string {
	t.Helper()
	answer := make(chan string, 1)
	go func() {
		said, err := c.say(t.Context(), "")
		if err != nil {
			said = err.Error()
		}
		answer <- said
	}()
	return answer
}

func TestAnInstanceMayRestart(t *testing.T) {
	address, err := loopback.Address()
	require.NoError(t, err)
	first := serve(t, rpc.Settings{Address: address}, nil, named("first"))
	asking := dial(t, rpc.Settings{Timeout: 10 * time.Second}, at(first))
	heard(t, asking, "first")
	first.kill()
	answer := asking.later(t)

	serve(t, rpc.Settings{Address: address}, nil, named("second"))

	require.Equal(t, "second", <-answer)
	heard(t, asking, "second")
}

func TestNoQuestionIsLostWithAnInstance(t *testing.T) {
	for name, end := range map[string]func(*instance){"stopped": (*instance).stopNow, "killed": (*instance).kill} {
		t.Run(name, func(t *testing.T) {
			var dying *instance
			var answered atomic.Int64
			dying = serve(t, rpc.Settings{}, nil, func(_ context.Context, said string) (string, error) {
				answered.Add(1)
				return said, nil
			})
			asking := dial(t, rpc.Settings{Timeout: 10 * time.Second}, at(dying, serve(t, rpc.Settings{}, nil, repeat)))

			var asked sync.WaitGroup
			for i := range 8 {
				asked.Go(func() {
					for j := range 250 {
						said := fmt.Sprint(i, j)
						answer, err := asking.say(t.Context(), said)
						if err != nil || answer != said {
							t.Errorf("%q, %v", answer, err)
							return
						}
					}
				})
			}
			require.Eventually(t, func() bool { return answered.Load() > 100 }, 10*time.Second, time.Millisecond)
			end(dying)
			asked.Wait()
		})
	}
}

func (i *instance) stopNow() { i.stop() }

func TestWhatIsUnavailableIsAskedForAgainAFewTimes(t *testing.T) {
	var asked atomic.Int64
	asking, _ := pair(t, func(context.Context, string) (string, error) {
		if asked.Add(1) < 3 {
			return "", fault.New(fault.Unavailable, "not now")
		}
		return "now", nil
	})
	answer, err := asking.say(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, "now", answer)

	asked.Store(-100)
	_, err = asking.say(t.Context(), "")
	require.True(t, fault.Is(err, fault.Unavailable), err)
	require.EqualValues(t, -96, asked.Load())
}

func TestWhatIsBeingAnsweredIsAnsweredBeforeTheStop(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	asking, answering := pair(t, func(context.Context, string) (string, error) {
		close(begun)
		<-finish
		return "at last", nil
	})
	answer, stopped := asking.later(t), make(chan struct{})
	<-begun
	go func() { answering.stop(); close(stopped) }()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", answering.Address())
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond, "nothing new is accepted")
	close(finish)
	require.Equal(t, "at last", <-answer)
	<-stopped
}

func TestAStopHasAnEnd(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	answering := serve(t, rpc.Settings{}, nil, func(ctx context.Context, _ string) (string, error) {
		close(begun)
		<-ctx.Done()
		return "", ctx.Err()
	})
	asking := dial(t, rpc.Settings{Timeout: 5 * time.Second}, at(answering))
	answer := asking.later(t)
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, answering.Stop(ctx), context.DeadlineExceeded)
	require.Contains(t, <-answer, "sample cannot be asked at the moment")
}

func TestAProcessWithoutAnAddressAnswersNobody(t *testing.T) {
	keys, _ := authtest.New(t)
	server, err := rpc.NewServer(rpc.Settings{}, auth.NewVerifier(keys), prometheus.NewRegistry())
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	require.Empty(t, server.Address())
	_, ended := <-server.Ended()
	require.False(t, ended)
	require.NoError(t, server.Stop(t.Context()))
}

func TestAnAddressThatIsTakenIsNamed(t *testing.T) {
	keys, _ := authtest.New(t)
	taken := serve(t, rpc.Settings{}, nil, repeat)
	server, err := rpc.NewServer(rpc.Settings{Address: taken.Address()}, auth.NewVerifier(keys), prometheus.NewRegistry())
	require.NoError(t, err)
	require.ErrorContains(t, server.Start(t.Context()), "listen for gRPC (PANGAEA_GRPC_ADDR): listen tcp "+taken.Address())
}
