package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"

	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

const requestIDHeader = "X-Request-Id"

// saneRequestID is what we take over from a client; anything else is replaced.
var saneRequestID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{8,64}$`)

// observe names each request, counts it, logs it, and answers where a handler panicked. A log line has
// the route and never the path, the query or a header: those may hold what is nobody's business.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		if conn := connOf(r); conn != nil {
			conn.expect(false, &s.comers) // here it is
		}
		e := &exchange{id: r.Header.Get(requestIDHeader), stopping: s.stopping}
		if !saneRequestID.MatchString(e.id) {
			e.id = uuid.NewString()
		}
		ctx := begun(context.WithValue(r.Context(), exchangeKey{}, e), r, e.id)
		w.Header().Set(requestIDHeader, e.id)
		rec := &recorder{ResponseWriter: w, draining: &s.ready.draining}

		s.metrics.inFlight.Inc()
		defer s.metrics.inFlight.Dec()
		defer func() { s.note(ctx, r.Method, e.route, rec.code(), time.Since(begin)) }()
		defer recovered(rec, r.WithContext(ctx))
		next.ServeHTTP(rec, r.WithContext(ctx))
	})
}

// begun is the context of the work that a request brings about: part of the client's trace, if it has one.
func begun(ctx context.Context, r *http.Request, id string) context.Context {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	ctx = telemetry.WithCorrelation(telemetry.Begin(ctx), id)
	return telemetry.With(ctx, slog.String("request_id", id))
}

func (s *Server) note(ctx context.Context, method, route string, status int, took time.Duration) {
	s.metrics.note(method, route, status, took)
	level := slog.LevelDebug
	if method != http.MethodGet && route != "" {
		level = slog.LevelInfo
	}
	slog.LogAttrs(ctx, level, "request", slog.String("method", method), slog.String("route", route),
		slog.Int("status", status), slog.Duration("took", took))
}

// recovered answers with 500 where a handler panicked, or cuts the connection where it had begun to answer.
func recovered(w *recorder, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) { // the way to cut a connection on purpose
		panic(cause)
	}
	slog.ErrorContext(r.Context(), "handler panicked", "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if w.status != 0 {
		w.status = http.StatusInternalServerError
		panic(http.ErrAbortHandler)
	}
	answer(w, r, newProblem(http.StatusInternalServerError, "internal", internalDetail))
}

// A recorder remembers the status of an answer, which is its connection's last one when the server drains.
type recorder struct {
	http.ResponseWriter
	draining *atomic.Bool
	status   int
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
		if w.draining.Load() {
			w.Header().Set("Connection", "close")
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(body []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(body)
}

// Flush sends what is written so far. gin asks for the method without looking whether it is there.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
