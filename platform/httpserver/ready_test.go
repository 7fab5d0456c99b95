package httpserver_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

func TestReadinessNamesWhatIsMissing(t *testing.T) {
	server, _ := start(t, httpserver.Settings{}, sample)
	var broken atomic.Bool
	broken.Store(true)
	server.Ready("catalog database", func(context.Context) error {
		if broken.Load() {
			return errors.New("the disk is full")
		}
		return nil
	})
	server.Ready("catalog outbox", func(context.Context) error {
		return httpserver.Concern(errors.New("much to tell"))
	})

	response, body := get(t, server, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
	require.Contains(t, body, `"missing":{"catalog database":"the disk is full"}`)
	require.Contains(t, body, `"concerns":{"catalog outbox":"much to tell"}`)
	_, measured := get(t, server, "/metrics")
	require.Contains(t, measured, `pangaea_ready{check="catalog database"} 0`)
	require.Contains(t, measured, `pangaea_ready{check="catalog outbox"} 1`)
	require.Contains(t, measured, `pangaea_concern{check="catalog outbox"} 1`)
	response, _ = get(t, server, "/healthz")
	require.Equal(t, http.StatusOK, response.StatusCode)

	broken.Store(false)
	require.Eventually(t, func() bool {
		response, body = get(t, server, "/readyz")
		return response.StatusCode == http.StatusOK
	}, 30*time.Second, 5*time.Millisecond)
	require.JSONEq(t, `{"status":"ready","concerns":{"catalog outbox":"much to tell"}}`, body)
}

func TestACheckThatHangsHoldsNobodyUp(t *testing.T) {
	server, _ := start(t, httpserver.Settings{}, sample)
	release, asked := make(chan struct{}), atomic.Int64{}
	server.Ready("stuck database", func(context.Context) error { // heeds no context, as a driver may not
		asked.Add(1)
		<-release
		return nil
	})
	server.Ready("slow database", func(ctx context.Context) error {
		<-ctx.Done()
		return errors.New("slower than it may be")
	})

	began := time.Now()
	response, body := get(t, server, "/readyz")
	require.Less(t, time.Since(began), 10*time.Second)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.Contains(t, body, `"stuck database":"no answer for 1.3s"`)
	require.Eventually(t, func() bool { // a tenth of a second decides whether it says so at once
		_, body = get(t, server, "/readyz")
		return strings.Contains(body, `"slow database":"slower than it may be"`)
	}, 30*time.Second, 5*time.Millisecond)

	before := runtime.NumGoroutine()
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() {
			response, _ := get(t, server, "/readyz")
			if response.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("ready: %s", response.Status)
			}
		})
	}
	wait.Wait()
	require.EqualValues(t, 1, asked.Load(), "one question is enough")
	http.DefaultClient.CloseIdleConnections()
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+10 }, 30*time.Second, 5*time.Millisecond)

	close(release)
	require.Eventually(t, func() bool {
		_, body := get(t, server, "/readyz")
		return !strings.Contains(body, "stuck database")
	}, 30*time.Second, 5*time.Millisecond)
}
