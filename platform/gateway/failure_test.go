package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/gateway"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// problem fails the test unless the answer is 503, with a problem of that code, to be tried again.
func (a answer) problem(t *testing.T, code string) {
	t.Helper()
	require.Equal(t, http.StatusServiceUnavailable, a.status, a.body)
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	require.NotEmpty(t, a.header.Get("Retry-After"))
	var p httpserver.Problem
	require.NoError(t, json.Unmarshal([]byte(a.body), &p))
	require.Equal(t, "urn:pangaea:problem:"+code, p.Type)
	require.Equal(t, a.header.Get("X-Request-Id"), p.RequestID)
	require.NotContains(t, a.body, "127.0.0.1", "where modules are is nobody's business")
}

func TestARequestWaitsForAModuleThatIsNotThereYet(t *testing.T) {
	n := newTown(t)
	o := n.open(defaults)
	answered := make(chan answer, 1)
	go func() { answered <- o.ask("POST", "/api/v1/things", `{"name":"a"}`) }()
	o.measures(`gateway_waiting_requests{module="things"} `, "1")
	n.list("things", n.host("127.0.0.1:0", "things").Address())
	require.Equal(t, http.StatusCreated, (<-answered).status)
	o.measures(`gateway_waiting_requests{module="things"} `, "0")
}

func TestWaitingHasAnEnd(t *testing.T) {
	n := newTown(t)
	settings := defaults
	settings.Wait = 300 * time.Millisecond
	o := n.open(settings)
	o.ask("POST", "/api/v1/things", `{"name":"a"}`).problem(t, "unavailable")
	o.measures(`gateway_upstream_failures_total{module="things",why="absent"} `, "1")
}

func TestThereIsNoRoomForAllToWait(t *testing.T) {
	n := newTown(t)
	settings := defaults
	settings.Wait, settings.Waiting = time.Minute, 1
	o := n.open(settings)
	answered := make(chan answer, 1)
	go func() { answered <- o.ask("POST", "/api/v1/things", `{"name":"a"}`) }()
	o.measures(`gateway_waiting_requests{module="things"} `, "1")
	o.ask("GET", "/api/v1/things", "").problem(t, "unavailable")
	o.measures(`gateway_upstream_failures_total{module="things",why="crowded"} `, "1")
	n.list("things", n.host("127.0.0.1:0", "things").Address())
	require.Equal(t, http.StatusCreated, (<-answered).status)
}

func TestAnInstanceThatDiesCostsNothingThatMayBeRepeated(t *testing.T) {
	n := newTown(t)
	stays := n.host("127.0.0.1:0", "things")
	for range 3 {
		dies := n.raw(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		n.list("things", stays.Address(), dies.Listener.Addr().String())
		o := n.open(defaults)
		o.measures(`gateway_instances{module="things",state="well"} `, "2")
		for i := range 10 {
			require.Equal(t, http.StatusCreated, o.ask("POST", "/api/v1/things", `{"name":"a"}`, "Idempotency-Key", "k").status)
			require.Equal(t, http.StatusOK, o.ask("GET", "/api/v1/things", "").status)
			if i == 3 { // so many can be repeated, even if each is first repeated by net/http
				dies.Close()
			}
		}
		o.measures(`gateway_instances{module="things",state="down"} `, "1")
	}
}

// attempted is how often an instance hears what may be repeated: three times from us, and each once more from net/http
// if that takes the connection, which a look at the instance's health has left, for a stale one.
var attempted = []int64{3, 4, 5, 6}

func TestWhatMayHaveHappenedIsNotRepeated(t *testing.T) {
	n := newTown(t)
	var calls atomic.Int64
	n.raw(func(http.ResponseWriter, *http.Request) { calls.Add(1); panic(http.ErrAbortHandler) })
	o := n.open(defaults)
	o.ask("POST", "/api/v1/things", `{"name":"a"}`).problem(t, "outcome-unknown")
	require.EqualValues(t, 1, calls.Load())
	o.ask("POST", "/api/v1/things", `{"name":"a"}`, "Idempotency-Key", "k").problem(t, "outcome-unknown")
	require.Contains(t, attempted, calls.Load()-1, "with a key it is")
	calls.Store(0)
	o.ask("GET", "/api/v1/things", "").problem(t, "unavailable")
	require.Contains(t, attempted, calls.Load())
}

func TestTroubleIsNotMultiplied(t *testing.T) {
	const offered = 1000
	for name, fail := range map[string]http.HandlerFunc{
		"cuts":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"sends": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"goes": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newTown(t)
			var calls atomic.Int64
			n.raw(func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1)%2 == 0 {
					fail(w, r)
				}
			})
			o := n.open(defaults)
			var clients sync.WaitGroup
			for range 8 {
				clients.Go(func() {
					for range offered / 8 {
						_, err := ask(o.client, o.server.Address(), "GET", "/api/v1/things", "")
						require.NoError(t, err)
					}
				})
			}
			clients.Wait()
			require.LessOrEqual(t, calls.Load(), int64(offered*1.2))
		})
	}
}

func TestARouteThatOnlyFailsIsSpared(t *testing.T) {
	n := newTown(t)
	var calls atomic.Int64
	var broken atomic.Bool
	broken.Store(true)
	n.raw(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		switch {
		case r.URL.Path == "/api/v1/mine":
			w.WriteHeader(http.StatusTeapot)
		case broken.Load():
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	n.list("identity", n.host("127.0.0.1:0", "identity").Address())
	o := n.open(defaults)
	for range 100 {
		require.Equal(t, http.StatusTeapot, o.ask("GET", "/api/v1/mine", "", "Authorization", "Bearer "+n.token("alice")).status, "a client's mistakes spare nobody")
	}
	calls.Store(0)
	for range 100 {
		require.GreaterOrEqual(t, o.ask("GET", "/api/v1/things", "").status, http.StatusInternalServerError)
	}
	require.Less(t, calls.Load(), int64(50))
	require.Eventually(t, func() bool { // now and then one is let through, to see
		return o.ask("GET", "/api/v1/things", "").status == http.StatusServiceUnavailable
	}, 30*time.Second, time.Millisecond)
	require.Equal(t, http.StatusTeapot, o.ask("GET", "/api/v1/mine", "", "Authorization", "Bearer "+n.token("alice")).status, "other routes go on")
	broken.Store(false)
	require.Eventually(t, func() bool { return o.ask("GET", "/api/v1/things", "").status == http.StatusOK }, 30*time.Second, 5*time.Millisecond)
}

func TestAModuleThatHangsIsNotWaitedForForEver(t *testing.T) {
	n := newTown(t)
	release := make(chan struct{})
	n.raw(func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	o := n.open(gateway.Settings{Timeout: 200 * time.Millisecond, Dial: time.Second, Wait: time.Second, Waiting: 10})
	o.well("things")
	o.ask("POST", "/api/v1/things", `{"name":"a"}`).problem(t, "outcome-unknown")
	o.ask("GET", "/api/v1/things", "").problem(t, "unavailable")
	o.measures(`gateway_upstream_failures_total{module="things",why="timeout"} `, "2")
}

func TestAnInstanceThatIsNotReadyGetsWhatNobodyElseCouldTake(t *testing.T) {
	n := newTown(t)
	good := n.host("127.0.0.1:0", "things")
	poor := n.server(httpserver.Settings{Address: "127.0.0.1:0", MaxBody: 1 << 20}, "things")
	poor.Ready("database", func(context.Context) error { return errors.New("the disk is full") })
	require.NoError(t, poor.Start(t.Context()))
	t.Cleanup(func() { _ = poor.Stop(context.Background()) })
	n.list("things", good.Address(), poor.Address())
	o := n.open(defaults)
	o.measures(`gateway_instances{module="things",state="unwell"} `, "1")
	o.well("things")
	for range 20 {
		o.ask("GET", "/api/v1/things", "")
	}
	poorCalls := func() string {
		got, err := ask(o.client, poor.Address(), "GET", "/metrics", "")
		require.NoError(t, err)
		return got.body
	}
	require.NotContains(t, poorCalls(), `route="/api/v1/things"`)

	require.NoError(t, good.Stop(t.Context()))
	require.Equal(t, http.StatusOK, o.ask("GET", "/api/v1/things", "").status)
	require.Contains(t, poorCalls(), `route="/api/v1/things"`)
}
