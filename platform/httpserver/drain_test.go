package httpserver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

func TestAServerThatDrainsAnswersAndSaysThatItWillNotForLong(t *testing.T) {
	server, _ := start(t, httpserver.Settings{Drain: time.Hour}, sample)
	response, _ := get(t, server, "/api/v1/things")
	require.False(t, response.Close)
	stopping, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { _ = server.Stop(stopping); close(stopped) }() // how long it had does not suffice

	require.Eventually(t, func() bool {
		response, body := get(t, server, "/readyz")
		return response.StatusCode == http.StatusServiceUnavailable && strings.Contains(body, httpserver.DrainingType)
	}, 30*time.Second, time.Millisecond)
	for _, path := range []string{"/api/v1/things", "/api/v1/mine", "/nothing", "/docs", "/healthz"} {
		response, _ := get(t, server, path)
		require.True(t, response.Close, path)
	}
	_, measured := get(t, server, "/metrics")
	require.Contains(t, measured, `pangaea_ready{check="http"} 0`)

	stop()
	<-stopped
	_, err := net.Dial("tcp", server.Address())
	require.Error(t, err)
}

func TestStreamsGoOnWhileTheServerDrains(t *testing.T) {
	server, _ := start(t, httpserver.Settings{Drain: 200 * time.Millisecond}, func(api huma.API) {
		huma.Get(api, "/stream", func(context.Context, *struct{}) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(out huma.Context) {
				_, _ = io.WriteString(out.BodyWriter(), "begun\n")
				out.BodyWriter().(http.Flusher).Flush()
				<-out.Context().Done()
			}}, nil
		}, auth.Anyone, httpserver.Streaming)
	})
	response, err := http.Get("http://" + server.Address() + "/stream")
	require.NoError(t, err)
	defer response.Body.Close()
	began := time.Now()

	require.NoError(t, server.Stop(t.Context()))

	_, err = io.ReadAll(response.Body)
	require.NoError(t, err, "and end as they should")
	require.GreaterOrEqual(t, time.Since(began), 200*time.Millisecond)
}

// handDown is a socket that a supervisor opened, as the process sees it that it starts.
func handDown(t *testing.T, socket interface{ File() (*os.File, error) }) string {
	t.Helper()
	file, err := socket.File()
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	fd, err := syscall.Dup(int(file.Fd()))
	require.NoError(t, err)
	return fmt.Sprintf("fd:%d", fd)
}

// A form that is sent without an Idempotency-Key cannot be sent again by anybody: it must not be on its way
// into a connection that is being closed.
func TestARestartOnASocketThatStaysFailsNoRequest(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	keys, _ := authtest.New(t)
	open := func() *httpserver.Server {
		settings := httpserver.Settings{Address: handDown(t, socket.(*net.TCPListener)), MaxBody: 1 << 20, Drain: time.Second}
		server := httpserver.New(settings, auth.NewVerifier(keys), prometheus.NewRegistry())
		sample(server.API("sample"))
		require.NoError(t, server.Start(t.Context()))
		require.Equal(t, socket.Addr().String(), server.Address())
		return server
	}

	server := open()
	var answered atomic.Int64
	ctx, done := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	for range 8 {
		clients.Go(func() {
			for ctx.Err() == nil {
				request, _ := http.NewRequest(http.MethodPost, "http://"+socket.Addr().String()+"/api/v1/things", strings.NewReader(`{"things":[{"name":"a"}]}`))
				request.Header.Set("Content-Type", "application/json")
				response, err := transport.RoundTrip(request)
				if err != nil {
					t.Errorf("after %d answers: %v", answered.Load(), err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if response.StatusCode != http.StatusAccepted {
					t.Errorf("after %d answers: %s", answered.Load(), response.Status)
				}
				answered.Add(1)
			}
		})
	}
	for range 3 {
		before := answered.Load()
		require.Eventually(t, func() bool { return answered.Load() > before+100 }, 30*time.Second, time.Millisecond)
		require.NoError(t, server.Stop(t.Context())) // nobody listens now: who connects waits in the socket
		server = open()
	}
	done()
	clients.Wait()
	require.NoError(t, server.Stop(t.Context()))
}

func TestASocketThatIsNotHandedDownIsSaid(t *testing.T) {
	unix, err := net.Listen("unix", t.TempDir()+"/socket")
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Close() })
	plain, err := os.Open(os.DevNull)
	require.NoError(t, err)
	t.Cleanup(func() { _ = plain.Close() })
	file, err := syscall.Dup(int(plain.Fd()))
	require.NoError(t, err)
	keys, _ := authtest.New(t)
	for address, why := range map[string]string{
		"fd:x": "names no socket", "fd:1": "their numbers begin with 3", "fd:": "names no socket", "fd:60000": "is no socket that listens",
		fmt.Sprintf("fd:%d", file):            "is no socket that listens",
		handDown(t, unix.(*net.UnixListener)): "listens to unix, which is not TCP",
	} {
		server := httpserver.New(httpserver.Settings{Address: address}, auth.NewVerifier(keys), prometheus.NewRegistry())
		err := server.Start(t.Context())
		require.ErrorContains(t, err, "listen for HTTP (PANGAEA_HTTP_ADDR): "+address)
		require.ErrorContains(t, err, why)
	}
}
