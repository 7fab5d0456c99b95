// Package httpserver is the HTTP face of a process: one server, on which every module mounts its routes.
//
// A request passes, in this order:
//
//	observe      request id, log line, metrics, panics become 500
//	behind       what an edge that knows our key says of the client is believed
//	protect      headers for browsers, cross-site requests are refused
//	edge         what is ambiguous or too large is refused; the body is read, once
//	authenticate who is asking
//	limit        not too often
//	gin, huma    the route, who may call it, the input's shape
//	handler      returns its answer or an error, which becomes a Problem
//
// In one process, or in the gateway, this is the edge. A service behind a gateway is sent the client's
// address, scheme and host with a key that both know ([Settings]), and leaves counting requests to the edge.
package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/ratelimit"
)

// Settings of the server.
type Settings struct {
	Address string         `env:"PANGAEA_HTTP_ADDR" default:":8080" doc:"where to listen for HTTP; fd:3 for a socket that was opened before and is handed down"`
	MaxBody int            `env:"PANGAEA_HTTP_MAX_BODY" default:"1048576" doc:"how many bytes a request's body may have"`
	Rate    ratelimit.Rate `env:"PANGAEA_RATE_LIMIT" default:"500/s" doc:"how often a client may ask: a rate such as 200/s, or off"`
	EdgeKey EdgeKey        `env:"PANGAEA_EDGE_KEY" secret:"true" doc:"what the gateway and the services behind it know each other by; empty: nobody is believed about the client"`
	Drain   time.Duration  `env:"PANGAEA_DRAIN" default:"0s" doc:"how long a process that is to stop still takes requests, for those who send them to notice"`
}

// A Server is the HTTP face of a process.
type Server struct {
	settings Settings
	engine   *gin.Engine
	api      huma.API
	handler  http.Handler
	routes   []Route
	metrics  *metrics
	ready    readiness

	description Description // instead of what is mounted

	http     *http.Server
	listener net.Listener
	comers   atomic.Int64 // connections that may have sent a request which nobody has begun to answer
	address  string
	ended    chan error
	stopping context.Context
	stop     context.CancelFunc
}

// New returns a server that does not listen yet. What it measures is registered with registry.
func New(settings Settings, verifier *auth.Verifier, registry *prometheus.Registry) *Server {
	s := &Server{settings: settings, metrics: newMetrics(registry), ended: make(chan error, 1)}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.engine = newEngine()
	s.api = newAPI(s)
	s.mountOwn(registry)
	s.handler = s.chain(verifier)
	s.http = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    maxHeader,
		ConnContext:       connContext,
		ConnState:         s.receive,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	return s
}

// maxHeader is 16 KiB, of which net/http allows 4 KiB more.
const maxHeader = 12 << 10

func (s *Server) chain(verifier *auth.Verifier) http.Handler {
	handler := http.Handler(s.engine)
	handler = limit(ratelimit.New(s.settings.Rate), handler)
	handler = verifier.Authenticate(handler)
	handler = edge(int64(s.settings.MaxBody), handler)
	handler = protect(handler)
	handler = behind(s.settings.EdgeKey, handler)
	return s.observe(handler)
}

func newEngine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	_ = engine.SetTrustedProxies(nil) // nil is never wrong
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.Use(func(c *gin.Context) { exchangeOf(c.Request.Context()).route = c.FullPath() })
	engine.NoRoute(func(c *gin.Context) {
		answer(c.Writer, c.Request, newProblem(http.StatusNotFound, "not-found", "there is nothing here"))
	})
	engine.NoMethod(func(c *gin.Context) {
		allowed := strings.Split(c.Writer.Header().Get("Allow"), ", ") // in the order of mounting, which is nobody's business
		slices.Sort(allowed)
		c.Header("Allow", strings.Join(allowed, ", "))
		answer(c.Writer, c.Request, newProblem(http.StatusMethodNotAllowed, "method-not-allowed", c.Request.Method+" cannot be done here"))
	})
	return engine
}

// Handle answers a route that is no operation of the API, such as a page, with handler. The pattern is
// gin's: "/assets/*file".
func (s *Server) Handle(method, pattern string, handler http.Handler) {
	s.engine.Handle(method, pattern, gin.WrapH(handler))
}

// Pages is where pages for people are mounted, beside the operations of the API.
func (s *Server) Pages() gin.IRouter { return s.engine }

// Handler answers requests as the server would.
func (s *Server) Handler() http.Handler { return s.handler }

// Start listens, and answers until Stop.
func (s *Server) Start(ctx context.Context) error {
	listener, err := listen(ctx, s.settings.Address)
	if err != nil {
		return fmt.Errorf("listen for HTTP (PANGAEA_HTTP_ADDR): %w", err)
	}
	s.listener, s.address = listener, listener.Addr().String()
	s.ready.listening.Store(true)
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(watchful{listener}); s.ready.listening.Swap(false) {
			s.ended <- fmt.Errorf("HTTP ended by itself: %w", err)
		}
	}()
	slog.InfoContext(ctx, "listening for HTTP", "address", s.address)
	return nil
}

// Ended gives an error if the server stops answering without being told to: nobody can reach the process
// any more. It is closed when the server has ended.
func (s *Server) Ended() <-chan error { return s.ended }

// Address is where the server listens, once it does.
func (s *Server) Address() string { return s.address }

// patience is how long the server waits for its last requests. A client that sends or reads slowly must
// not take all the time that there is for stopping the process.
const patience = 10 * time.Second

// Stop drains, then accepts nothing new, ends streams, and returns when every request is answered. Those
// that take longer than patience, or than ctx lasts, are cut off.
func (s *Server) Stop(ctx context.Context) error {
	s.drain(ctx)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.stop()
	s.receiveLast(ctx)
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop HTTP: %w", err), s.http.Close())
	}
	return nil
}
