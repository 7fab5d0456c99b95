package httpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/ratelimit"
)

// start returns a server that listens, and a function that makes tokens.
func start(t *testing.T, settings httpserver.Settings, mount func(huma.API)) (*httpserver.Server, func(string, ...string) string) {
	t.Helper()
	keys, token := authtest.New(t)
	settings.Address, settings.MaxBody = "127.0.0.1:0", 1<<20
	server := httpserver.New(settings, auth.NewVerifier(keys), prometheus.NewRegistry())
	mount(server.API("sample"))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	return server, token
}

func get(t *testing.T, server *httpserver.Server, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Address()+path, nil)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(body)
}

// say sends raw bytes and returns the statuses of all that is answered.
func say(t *testing.T, server *httpserver.Server, raw string) (statuses []int) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(conn, raw)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	for answers := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		statuses = append(statuses, response.StatusCode)
	}
}

func TestRequestsThatTwoReadersSeeDifferentlyAreRefused(t *testing.T) {
	server, _ := start(t, httpserver.Settings{}, sample)
	const post = "POST /api/v1/things HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
	const body = `{"things":[{"name":"a"}]}`
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	smuggled := "0\r\n\r\nGET /api/v1/mine HTTP/1.1\r\nHost: shop\r\n\r\n"
	for name, test := range map[string]struct {
		raw  string
		want []int
	}{
		"one length":         {post + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body, []int{202}},
		"chunked":            {post + "Transfer-Encoding: chunked\r\n\r\n" + chunked, []int{202}},
		"two requests":       {"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\nGET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n", []int{200, 200}},
		"CL then TE":         {post + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n", len(smuggled)) + smuggled, []int{400}},
		"TE then CL":         {post + "tRANSFER-eNCODING: chunked\r\ncONTENT-lENGTH: 5\r\n\r\n" + chunked, []int{400}},
		"TE then CL, LF":     {post + "Transfer-Encoding: chunked\nContent-Length: 5\n\n" + chunked, []int{400}},
		"two lengths":        {post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + body, []int{400}},
		"signed length":      {post + "Content-Length: +4\r\n\r\n" + body, []int{400}},
		"space before colon": {post + "Content-Length : 4\r\n\r\n" + body, []int{400}},
		"unknown encoding":   {post + "Transfer-Encoding: xchunked\r\n\r\n" + chunked, []int{501}},
		"two encodings":      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunked, []int{501}},
		"two hosts":          {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", []int{400}},
		"no host":            {"GET /healthz HTTP/1.1\r\n\r\n", []int{400}},
		"chunk too long":     {post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx", []int{400}},
		"body cut":           {post + "Content-Length: 100\r\n\r\n" + body, []int{400}},
		"huge header":        {"GET /healthz HTTP/1.1\r\nHost: shop\r\nX: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", []int{431}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, say(t, server, test.raw)) })
	}
}

func TestEveryRequestHasAName(t *testing.T) {
	server, _ := start(t, httpserver.Settings{}, sample)
	response, _ := get(t, server, "/healthz", "X-Request-Id", "my-request.1")
	require.Equal(t, "my-request.1", response.Header.Get("X-Request-Id"))
	for _, odd := range []string{"", "short", strings.Repeat("x", 65), "with space", "new\tline-xx"} {
		response, _ := get(t, server, "/healthz", "X-Request-Id", odd)
		require.Len(t, response.Header.Get("X-Request-Id"), 36)
	}
}

func TestBrowsersAreToldToBeCareful(t *testing.T) {
	server, _ := start(t, httpserver.Settings{}, sample)
	for _, path := range []string{"/docs", "/api/v1/things", "/nothing"} {
		response, _ := get(t, server, path, "Origin", "https://evil.example")
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
		require.Contains(t, response.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.NotContains(t, response.Header.Get("Content-Security-Policy"), "http")
		require.Empty(t, response.Header.Get("Access-Control-Allow-Origin"))
	}
}

func TestTheReferenceIsServedWithoutForeignHosts(t *testing.T) {
	server, _ := start(t, httpserver.Settings{}, sample)
	for path, kind := range map[string]string{
		"/docs": "text/html", "/docs/docs.css": "text/css", "/docs/docs.js": "text/javascript", "/docs/try.js": "text/javascript",
		"/openapi.json": "application/json", "/openapi.yaml": "application/yaml",
	} {
		response, body := get(t, server, path)
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.Contains(t, response.Header.Get("Content-Type"), kind)
		require.NotContains(t, body, "//unpkg", path)
	}
	_, description := get(t, server, "/openapi.json")
	require.Contains(t, description, `"openapi":"3.1.0"`)
	require.Contains(t, description, `"x-access":"staff"`)
	require.NotContains(t, description, "$schema")
}

func TestRatesAreLimitedPerClient(t *testing.T) {
	server, token := start(t, httpserver.Settings{Rate: ratelimit.Rate{Count: 3, Per: time.Hour}}, sample)
	alice := []string{"Authorization", "Bearer " + token("alice")}
	for i := range 5 {
		response, _ := get(t, server, "/api/v1/mine", append(alice, "X-Forwarded-For", fmt.Sprintf("10.0.0.%d", i))...)
		if i < 3 {
			require.Equal(t, http.StatusNoContent, response.StatusCode)
			require.Equal(t, fmt.Sprint(2-i), response.Header.Get("RateLimit-Remaining"))
			continue
		}
		require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
		require.Equal(t, "1200", response.Header.Get("Retry-After"))
		require.Equal(t, "3", response.Header.Get("RateLimit-Limit"))
	}
	response, _ := get(t, server, "/api/v1/mine", "Authorization", "Bearer "+token("bob"))
	require.Equal(t, http.StatusNoContent, response.StatusCode)
	for range 10 {
		response, _ := get(t, server, "/healthz")
		require.Equal(t, http.StatusOK, response.StatusCode)
	}
}

func TestRoutesAreMeasuredByPattern(t *testing.T) {
	server, _ := start(t, httpserver.Settings{}, sample)
	get(t, server, "/api/v1/errors/secret-in-path")
	get(t, server, "/nothing/here")

	_, measured := get(t, server, "/metrics")

	require.Contains(t, measured, `http_requests_total{method="GET",route="/api/v1/errors/:kind",status="404"} 1`)
	require.Contains(t, measured, `http_requests_total{method="other",route="none",status="404"} 1`)
	require.NotContains(t, measured, "secret-in-path")
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	began := make(chan struct{})
	server, _ := start(t, httpserver.Settings{}, func(api huma.API) {
		huma.Get(api, "/stream", func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(out huma.Context) {
				_, _ = io.WriteString(out.BodyWriter(), "begun\n")
				out.BodyWriter().(http.Flusher).Flush()
				close(began)
				<-out.Context().Done()
			}}, nil
		}, auth.Anyone, httpserver.Streaming)
	})
	response, err := http.Get("http://" + server.Address() + "/stream")
	require.NoError(t, err)
	defer response.Body.Close()
	<-began

	stopping, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, server.Stop(stopping))

	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "begun\n", string(body))
}

func TestAClientThatDoesNotReadCannotHoldUpTheStop(t *testing.T) {
	began, ended := make(chan struct{}), make(chan struct{})
	server, _ := start(t, httpserver.Settings{}, func(api huma.API) {
		huma.Get(api, "/stream", func(context.Context, *struct{}) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(out huma.Context) {
				defer close(ended)
				close(began)
				for piece := make([]byte, 1<<20); ; {
					if _, err := out.BodyWriter().Write(piece); err != nil {
						return
					}
				}
			}}, nil
		}, auth.Anyone, httpserver.Streaming)
	})
	conn, err := net.Dial("tcp", server.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "GET /stream HTTP/1.1\r\nHost: shop\r\n\r\n")
	require.NoError(t, err)
	<-began

	require.NoError(t, server.Stop(t.Context()))

	<-ended
}

func TestRequestsUnderWayAreAnsweredBeforeTheServerStops(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	server, _ := start(t, httpserver.Settings{}, func(api huma.API) {
		huma.Get(api, "/slow", func(context.Context, *struct{}) (*struct{}, error) { close(began); <-finish; return nil, nil }, auth.Anyone)
	})
	answered := make(chan int, 1)
	go func() {
		response, err := http.Get("http://" + server.Address() + "/slow")
		if err != nil {
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	<-began
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(context.Background()) }()
	require.Eventually(t, func() bool { _, err := net.Dial("tcp", server.Address()); return err != nil }, 30*time.Second, 5*time.Millisecond)
	close(finish)
	require.Equal(t, http.StatusNoContent, <-answered)
	require.NoError(t, <-stopped)
}

func TestAnAddressInUseIsSaid(t *testing.T) {
	first, _ := start(t, httpserver.Settings{}, sample)
	keys, _ := authtest.New(t)
	second := httpserver.New(httpserver.Settings{Address: first.Address()}, auth.NewVerifier(keys), prometheus.NewRegistry())
	require.ErrorContains(t, second.Start(t.Context()), "PANGAEA_HTTP_ADDR")
}
