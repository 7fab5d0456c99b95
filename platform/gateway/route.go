package gateway

import (
	"context"
	"net/http"
	"net/http/httputil"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// A route passes the requests of one route on.
type route struct {
	httpserver.Route
	upstream *upstream
	proxy    httputil.ReverseProxy
	carried  headers
	breaker  circuitbreaker.CircuitBreaker[any]
}

func newRoute(r httpserver.Route, u *upstream, carried headers, key httpserver.EdgeKey) *route {
	passed := &route{Route: r, upstream: u, breaker: newBreaker(), carried: carried}
	passed.proxy = httputil.ReverseProxy{
		Rewrite:        func(p *httputil.ProxyRequest) { rewrite(p, carried, key) },
		Transport:      passed,
		ModifyResponse: adopt,
		ErrorHandler:   httpserver.Refuse,
		BufferPool:     &buffers{},
	}
	return passed
}

// newBreaker makes what spares a route that only fails: one of a module, since what one client can make fail
// must not keep the others from the rest.
func newBreaker() circuitbreaker.CircuitBreaker[any] {
	return circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(0.5, 20, 10*time.Second).
		WithDelay(time.Second).
		WithSuccessThreshold(3).
		Build()
}

type answerKey struct{}

// ServeHTTP passes a request on and its answer back.
func (r *route) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if err := r.carried.sendable(request.Header); err != nil {
		httpserver.Refuse(w, request, err)
		return
	}
	ctx, cancel := context.WithCancel(context.WithValue(request.Context(), answerKey{}, w))
	defer cancel()
	r.proxy.ServeHTTP(w, request.WithContext(ctx))
}

// RoundTrip has the module answer, unless it has failed to do so too often lately.
func (r *route) RoundTrip(request *http.Request) (*http.Response, error) {
	if !r.breaker.TryAcquirePermit() {
		r.upstream.metrics.failures.WithLabelValues(r.Module, "open").Inc()
		return nil, fault.New(fault.Unavailable, "%s fails at the moment: try it again", r.Module).After(time.Second)
	}
	response, err := r.upstream.send(request)
	r.judge(response, err)
	return response, err
}

// judge counts what is the module's fault: neither what the client did wrong, nor that nobody was there.
func (r *route) judge(response *http.Response, err error) {
	switch {
	case err == nil && response.StatusCode >= http.StatusInternalServerError:
		r.upstream.metrics.failures.WithLabelValues(r.Module, "status").Inc()
		r.breaker.RecordFailure()
	case err != nil && broken(err):
		r.breaker.RecordFailure()
	default:
		r.breaker.RecordSuccess()
	}
}
