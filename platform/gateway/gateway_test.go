package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/gateway"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/loopback"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

const edgeKey = "0123456789abcdef"

// A town has modules, each with instances that come and go, and a gateway.
type town struct {
	t     testing.TB
	keys  auth.KeySource
	token func(subject string, roles ...string) string
	mu    sync.Mutex
	hosts map[string][]string // addresses by module
}

func newTown(t testing.TB) *town {
	t.Helper()
	n := &town{t: t, hosts: map[string][]string{}}
	n.keys, n.token = authtest.New(t)
	return n
}

// Lookup makes the town a discovery.Directory.
func (n *town) Lookup(_ context.Context, module string, _ discovery.Protocol) ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.hosts[module]) == 0 {
		return nil, fault.New(fault.NotFound, "nobody hosts %s", module)
	}
	return slices.Clone(n.hosts[module]), nil
}

// list says where the instances of a module are.
func (n *town) list(module string, addresses ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[module] = addresses
}

// modules are what the town's processes answer.
var modules = map[string]func(*town, huma.API){"identity": (*town).identity, "things": (*town).things}

type keySet struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (n *town) identity(api huma.API) {
	huma.Get(api, "/.well-known/jwks.json", func(ctx context.Context, _ *struct{}) (*keySet, error) {
		keys, err := n.keys.JWKS(ctx)
		return &keySet{"application/json", keys}, err
	}, auth.Anyone)
}

type thing struct {
	Name string `json:"name" minLength:"1" maxLength:"20"`
}

type thingInput struct {
	Key  string `header:"Idempotency-Key"`
	Body thing
}

type thingOutput struct{ Body thing }

func (n *town) things(api huma.API) {
	huma.Post(api, "/api/v1/things", func(_ context.Context, in *thingInput) (*thingOutput, error) {
		return &thingOutput{in.Body}, nil
	}, auth.Anyone, httpserver.Status(http.StatusCreated))
	huma.Get(api, "/api/v1/things", func(_ context.Context, in *struct {
		Kind string `query:"kind" maxLength:"5"`
	},
	) (*thingOutput, error) {
		return &thingOutput{thing{"<" + in.Kind + ">"}}, nil
	}, auth.Anyone)
	huma.Get(api, "/api/v1/things/{id}", func(_ context.Context, in *struct {
		ID string `path:"id"`
	},
	) (*thingOutput, error) {
		switch in.ID {
		case "panic":
			panic("secret")
		case "busy":
			return nil, fault.New(fault.Unavailable, "come again").After(7 * time.Second)
		case "large":
			return &thingOutput{thing{strings.Repeat("x", 1<<20)}}, nil
		}
		return nil, fault.New(fault.NotFound, "no such thing")
	}, auth.Anyone)
	huma.Get(api, "/api/v1/mine", func(ctx context.Context, _ *struct{}) (*thingOutput, error) {
		caller, _ := auth.From(ctx)
		return &thingOutput{thing{caller.Subject}}, nil
	}, auth.SignedIn)
	huma.Delete(api, "/api/v1/things", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, auth.Staff)
	n.follow(api)
}

// server is one with all modules that are named, which does not listen yet.
func (n *town) server(settings httpserver.Settings, names ...string) *httpserver.Server {
	server := httpserver.New(settings, auth.NewVerifier(n.keys), prometheus.NewRegistry())
	for _, name := range names {
		modules[name](n, server.API(name))
	}
	return server
}

// stays is an address that nobody else takes while a process there is started again.
func stays(t testing.TB) string {
	t.Helper()
	address, err := loopback.Address()
	require.NoError(t, err)
	return address
}

// host starts a process that hosts modules. It drains before it stops.
func (n *town) host(address string, names ...string) *httpserver.Server {
	n.t.Helper()
	settings := httpserver.Settings{Address: address, MaxBody: 1 << 20, EdgeKey: edgeKey, Drain: time.Second}
	server := n.server(settings, names...)
	require.NoError(n.t, server.Start(context.Background()))
	n.t.Cleanup(func() { _ = server.Stop(n.t.Context()) }) // which has ended: it does not drain
	return server
}

// opened is a gateway that listens.
type opened struct {
	t      testing.TB
	server *httpserver.Server
	client *http.Client
}

var defaults = gateway.Settings{Timeout: 25 * time.Second, Dial: 2 * time.Second, Wait: 10 * time.Second, Waiting: 1000}

// open starts the gateway of the town.
func (n *town) open(settings gateway.Settings) *opened {
	n.t.Helper()
	return n.openAt("127.0.0.1:0", settings)
}

func (n *town) openAt(address string, settings gateway.Settings) *opened {
	n.t.Helper()
	all := n.server(httpserver.Settings{}, slices.Sorted(maps.Keys(modules))...)
	description, err := all.OpenAPI().MarshalJSON()
	require.NoError(n.t, err)
	face := httpserver.Settings{Address: address, MaxBody: 1 << 20, EdgeKey: edgeKey, Drain: time.Second}
	registry := prometheus.NewRegistry()
	edge, err := gateway.New(settings, face, n, all.Routes(), description, registry)
	require.NoError(n.t, err)
	keys, err := edge.Keys()
	require.NoError(n.t, err)
	server := httpserver.New(face, auth.NewVerifier(keys), registry)
	edge.Mount(server)
	edge.Start()
	require.NoError(n.t, server.Start(context.Background()))
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	n.t.Cleanup(func() {
		_ = server.Stop(n.t.Context()) // which has ended: it does not drain
		edge.Stop()
		transport.CloseIdleConnections()
	})
	return &opened{n.t, server, &http.Client{Transport: transport}}
}

// raw is an instance of things that answers as it is told to, beside being well.
func (n *town) raw(answer http.HandlerFunc) *httptest.Server {
	n.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			answer(w, r)
		}
	}))
	n.t.Cleanup(server.Close)
	n.list("things", server.Listener.Addr().String())
	return server
}

// An answer is a whole response.
type answer struct {
	status int
	header http.Header
	body   string
}

func (o *opened) ask(method, path, body string, headers ...string) answer {
	o.t.Helper()
	got, err := ask(o.client, o.server.Address(), method, path, body, headers...)
	require.NoError(o.t, err)
	return got
}

func ask(client *http.Client, address, method, path, body string, headers ...string) (answer, error) {
	request, err := http.NewRequest(method, "http://"+address+path, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		return answer{}, err
	}
	request.ContentLength = int64(len(body))
	if body == "" {
		request.Body = http.NoBody
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header[headers[i]] = append(request.Header[headers[i]], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(content)}, err
}

// well waits until the gateway knows that module has an instance.
func (o *opened) well(modules ...string) {
	o.t.Helper()
	for _, module := range modules {
		o.measures(fmt.Sprintf("gateway_instances{module=%q,state=\"well\"} ", module), "[1-9]")
	}
}

// measures waits until a line of the metrics begins with name and goes on like the pattern.
func (o *opened) measures(name, pattern string) {
	o.t.Helper()
	require.EventuallyWithT(o.t, func(t *assert.CollectT) {
		require.Regexp(t, "^"+pattern+"$", o.measured(name), name)
	}, 30*time.Second, 5*time.Millisecond)
}

// measured is how the line of the metrics goes on that begins with name: "0" where there is none.
func (o *opened) measured(name string) string {
	got, err := ask(o.client, o.server.Address(), http.MethodGet, "/metrics", "")
	if err != nil {
		return err.Error()
	}
	for line := range strings.Lines(got.body) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "0"
}
