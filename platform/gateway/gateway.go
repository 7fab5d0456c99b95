// Package gateway is the edge of a shop whose modules run in processes of their own.
//
// It is the same server as in one process, and a request passes the same chain (see httpserver). What differs
// is who answers in the end: each route of each module, as docs/contracts has them, is passed on.
//
//	route      with which headers, unless it has failed too often lately
//	upstream   to which instance of the module, or wait for one; once more where that is harmless
//	instance   how it is, and what it has to do
//
// Who is asking is found out here and again by the module: a gateway that is passed by opens nothing.
package gateway

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Settings of the gateway.
type Settings struct {
	Timeout time.Duration `env:"PANGAEA_GATEWAY_TIMEOUT" default:"25s" doc:"how long it may take until a module's answer begins, waiting for the module included"`
	Dial    time.Duration `env:"PANGAEA_GATEWAY_DIAL_TIMEOUT" default:"2s" doc:"how long it may take to connect to an instance of a module"`
	Wait    time.Duration `env:"PANGAEA_GATEWAY_WAIT" default:"10s" doc:"how long a request waits for a module of which no instance is there, as while it is restarted"`
	Waiting int           `env:"PANGAEA_GATEWAY_WAITING" default:"1000" doc:"how many requests may wait for one module"`
}

// Module has the server of the process answer the routes of modules elsewhere. It needs a discovery.Directory, and
// from docs/contracts the routes and their description.
var Module = fx.Module("gateway",
	fx.Provide(config.Section[Settings], New),
	fx.Invoke(connect),
)

// Keys are the auth.KeySource of a process that hosts no module: it asks on the way of everybody else's requests.
var Keys = fx.Provide((*Gateway).Keys)

func connect(life fx.Lifecycle, gateway *Gateway, server *httpserver.Server) {
	gateway.Mount(server)
	life.Append(fx.StartStopHook(gateway.Start, gateway.Stop))
}

// A Gateway passes requests on to the modules that answer them.
type Gateway struct {
	description httpserver.Description
	routes      []*route
	upstreams   map[string]*upstream // by module
	keys        *keys
	transport   *http.Transport

	stop    context.CancelFunc
	running sync.WaitGroup
}

// New returns a gateway that looks for nobody yet. Instances are shown the server's edge key.
func New(
	settings Settings, server httpserver.Settings, directory discovery.Directory,
	routes []httpserver.Route, description httpserver.Description, registry *prometheus.Registry,
) (*Gateway, error) {
	carried, err := carriedBy(description)
	if err != nil {
		return nil, err
	}
	g := &Gateway{description: description, upstreams: map[string]*upstream{}, transport: newTransport(settings)}
	measured := newMetrics(registry)
	for _, r := range routes {
		if g.upstreams[r.Module] == nil {
			g.upstreams[r.Module] = newUpstream(r.Module, settings, directory, g.transport, measured)
		}
		g.routes = append(g.routes, newRoute(r, g.upstreams[r.Module], carried, server.EdgeKey))
	}
	g.keys = keysOf(g.routes, server.EdgeKey)
	return g, nil
}

// newTransport makes what all connections to all instances are kept in. It gives them up before the other
// side does (see httpserver): who closes a connection that somebody is just using loses a request.
func newTransport(settings Settings) *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: settings.Dial, KeepAlive: 15 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 256, // of the standard two, a busy edge would close and open them all the time
		IdleConnTimeout:     30 * time.Second,
		DisableCompression:  true, // what clients and modules agree on is none of its business
	}
}

// Keys are those that access tokens are verified with.
func (g *Gateway) Keys() (auth.KeySource, error) {
	if g.keys == nil {
		return nil, fmt.Errorf("no module publishes the keys of access tokens: none has the route GET %s", keysPath)
	}
	return g.keys, nil
}

// Mount lists every route of every module, and says how the modules are.
func (g *Gateway) Mount(server *httpserver.Server) {
	server.Describe(g.description)
	for _, r := range g.routes {
		server.Mount(r.Route, r)
	}
	for module, u := range g.upstreams {
		server.Ready(module, u.check)
	}
	server.Ready("modules", g.check)
}

// Start begins to look for the instances of all modules.
func (g *Gateway) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	g.stop = cancel
	for _, u := range g.upstreams {
		g.running.Go(func() { u.discover(ctx) })
	}
}

// Stop stops looking, and gives up the connections.
func (g *Gateway) Stop() {
	g.stop()
	g.running.Wait()
	g.transport.CloseIdleConnections()
}
