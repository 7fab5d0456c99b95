package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

func TestGraph(t *testing.T) { require.NoError(t, fx.ValidateApp(edge)) }

// ways are the shop's own address and the gateway's in front of it.
type ways struct {
	t               *testing.T
	direct, through string
}

const (
	password = "correct horse battery staple"
	edgeKey  = "0123456789abcdef"
)

// open opens the whole shop in one process and a gateway before it, which finds all modules there.
func open(t *testing.T) *ways {
	t.Helper()
	w := &ways{t: t}
	w.direct = start(t, fx.Options(service.Base, shop.Modules), "PANGAEA_DATA_DIR", t.TempDir(), "PANGAEA_STAFF_PASSWORD", password, "PANGAEA_RATE_LIMIT", "off")

	routes, err := contracts.Routes()
	require.NoError(t, err)
	everywhere := discovery.Static{}
	for _, r := range routes {
		everywhere[r.Module] = map[discovery.Protocol][]string{discovery.HTTP: {w.direct}}
	}
	w.through = start(t, fx.Options(edge, fx.Replace(fx.Annotate(everywhere, fx.As(new(discovery.Directory))))), "PANGAEA_RATE_LIMIT", "off")
	require.Eventually(t, func() bool {
		return !strings.Contains(w.ask(w.direct, "GET", "/api/v1/products", "", "").Body, `"available":null`)
	}, 30*time.Second, 10*time.Millisecond, "the catalog does not hear of all that is in stock")
	return w
}

func start(t *testing.T, process fx.Option, settings ...string) (address string) {
	t.Helper()
	values := map[string]string{"PANGAEA_HTTP_ADDR": "127.0.0.1:0", "PANGAEA_LOG_LEVEL": "error", "PANGAEA_EDGE_KEY": edgeKey}
	for i := 0; i < len(settings); i += 2 {
		values[settings[i]] = settings[i+1]
	}
	var server *httpserver.Server
	running := fx.New(process, fx.Populate(&server), fx.Replace(config.Of(values)))
	require.NoError(t, running.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, running.Stop(context.Background())) })
	return server.Address()
}

// An answer is a whole response without what differs every time.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

func (w *ways) ask(address, method, path, token, body string, headers ...string) answer {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+address+path, strings.NewReader(body))
	require.NoError(w.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-Id", "request-1")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(w.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	response.Header.Del("Date")
	return answer{response.StatusCode, response.Header, string(content)}
}

func (w *ways) signIn() (token string) {
	w.t.Helper()
	var tokens struct {
		Access string `json:"access_token"`
	}
	got := w.ask(w.through, "POST", "/api/v1/tokens", "", `{"email":"staff@pangaea.example","password":"`+password+`"}`)
	require.NoError(w.t, json.Unmarshal([]byte(got.Body), &tokens), got.Body)
	return tokens.Access
}

func TestEveryRouteAnswersAsInOneProcess(t *testing.T) {
	w := open(t)
	staff := w.signIn()
	routes, err := contracts.Routes()
	require.NoError(t, err)
	for _, r := range routes {
		path := strings.NewReplacer("{id}", "01890a5d-ac96-774b-bcce-b302099a8057", "{sku}", "NONE").Replace(r.Path)
		for name, token := range map[string]string{"nobody": "", "staff": staff, "forger": "x"} {
			t.Run(r.Method+" "+r.Path+" "+name, func(t *testing.T) {
				want := w.ask(w.direct, r.Method, path, token, "{}")
				require.Equal(t, want, w.ask(w.through, r.Method, path, token, "{}"))
			})
		}
	}
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/nothing", "/docs/docs.js"} {
		require.Equal(t, w.ask(w.direct, "GET", path, "", ""), w.ask(w.through, "GET", path, "", ""), path)
	}
}

func TestAnOrderIsTheSameOneOnBothWays(t *testing.T) {
	w := open(t)
	staff := w.signIn()
	var products struct {
		Items []struct{ SKU string }
	}
	require.NoError(t, json.Unmarshal([]byte(w.ask(w.through, "GET", "/api/v1/products", "", "").Body), &products))
	order, err := json.Marshal(map[string]any{
		"items":            []map[string]any{{"sku": products.Items[0].SKU, "quantity": 1}},
		"payment":          map[string]string{"card_token": "tok_approve"},
		"shipping_address": map[string]string{"name": "Ada", "line1": "1 Row", "city": "London", "postal_code": "N1", "country": "GB"},
	})
	require.NoError(t, err)

	placed := w.ask(w.through, "POST", "/api/v1/orders", staff, string(order), "Idempotency-Key", "once")
	require.Equal(t, http.StatusAccepted, placed.Status, placed.Body)
	again := w.ask(w.direct, "POST", "/api/v1/orders", staff, string(order), "Idempotency-Key", "once")
	require.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))
	again.Header.Del("Idempotent-Replayed")
	require.Equal(t, placed, again)

	request, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+w.through+placed.Header.Get("Location")+"/events", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+staff)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	for lines := bufio.NewScanner(response.Body); ; {
		require.True(t, lines.Scan(), "it passes before it ends: %v", lines.Err())
		if bytes.Contains(lines.Bytes(), []byte("paid")) {
			return
		}
	}
}

func TestTheGatewayHasThePages(t *testing.T) {
	w := open(t)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	visitor := &http.Client{Jar: jar}
	page := func(response *http.Response, err error) string {
		require.NoError(t, err)
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode, "%s", content)
		return string(content)
	}
	require.Contains(t, page(visitor.Get("http://"+w.through+"/")), "Things worth giving")
	form := url.Values{"email": {"staff@pangaea.example"}, "password": {password}, "next": {"/account"}}
	require.Contains(t, page(visitor.PostForm("http://"+w.through+"/signin", form)), "staff@pangaea.example")
}
