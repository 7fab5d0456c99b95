package gateway

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// attempts are how often we send a request at most.
const attempts = 3

var (
	errLate  = errors.New("it took too long")
	errSpent = errors.New("too many requests are being repeated")
)

// send has a request answered by an instance, in time.
func (u *upstream) send(request *http.Request) (*http.Response, error) {
	u.budget.earn()
	ctx, cancel := context.WithCancelCause(request.Context())
	late := time.AfterFunc(u.settings.Timeout, func() { cancel(errLate) })
	response, seen, err := u.try(ctx, cancel, request)
	if !late.Stop() && err == nil {
		err = errors.Join(errLate, response.Body.Close())
	}
	if err != nil {
		err = u.failed(causeOf(ctx, err), seen && request.Method != http.MethodGet)
		cancel(err)
		return nil, err
	}
	return response, nil
}

// try sends a request to one instance after the other. Where it is certain that none has seen it, it goes to the
// next one. Where one may have, only what is harmless is sent again, a few times, and within the budget.
func (u *upstream) try(ctx context.Context, giveUp context.CancelCauseFunc, request *http.Request) (response *http.Response, seen bool, err error) {
	patience := time.Now().Add(u.settings.Wait)
	var last *instance
	for sent := 0; ; {
		i, err := u.find(ctx, last, patience, request.ContentLength)
		if err != nil {
			return nil, sent > 0, err
		}
		response, err := u.attempt(ctx, giveUp, request, i)
		if neverSent(err) && ctx.Err() == nil {
			u.note(ctx, i, down)
			continue
		}
		sent, last = sent+1, i
		answered := err == nil && !sentAway(response)
		if answered || sent == attempts || !harmless(request) || ctx.Err() != nil || !u.budget.spend() {
			return response, true, err
		}
		if response != nil {
			_ = response.Body.Close() // another instance answers
		}
		u.metrics.retries.WithLabelValues(u.module).Inc()
		pause(ctx, time.Duration(5+rand.IntN(20*sent))*time.Millisecond)
	}
}

// attempt sends a request to one instance. What net/http repeats by itself, because a connection was closed
// under it, comes out of the budget as well.
func (u *upstream) attempt(ctx context.Context, giveUp context.CancelCauseFunc, request *http.Request, i *instance) (*http.Response, error) {
	connections := 0
	request = request.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if connections++; connections > 1 && !u.budget.spend() {
			giveUp(errSpent)
		}
	}}))
	address := *request.URL
	address.Host = i.address
	request.URL = &address
	if request.GetBody != nil {
		request.Body, _ = request.GetBody() // it is in memory
	}
	u.metrics.requests.WithLabelValues(u.module).Inc()
	response, err := u.transport.RoundTrip(request)
	if err != nil {
		i.busy.Add(-1)
		i.suspect()
		return nil, err
	}
	if response.Close {
		i.suspect() // it may be about to stop
	}
	response.Body = &answerBody{ReadCloser: response.Body, end: sync.OnceFunc(func() { i.busy.Add(-1) })}
	return response, nil
}

// An answerBody keeps its instance busy until it is closed.
type answerBody struct {
	io.ReadCloser
	end func()
}

func (b *answerBody) Close() error {
	b.end()
	return b.ReadCloser.Close()
}

// neverSent reports whether a request found no connection that it could have been sent on. net/http looks for
// another one only for what is harmless, or before it has written anything.
func neverSent(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && network.Op == "dial"
}

// sentAway reports whether an instance that ends its connections sent a request away.
func sentAway(response *http.Response) bool {
	refused := response.StatusCode == http.StatusBadGateway || response.StatusCode == http.StatusServiceUnavailable
	return refused && response.Close
}

// harmless reports whether a request may be sent twice.
func harmless(request *http.Request) bool {
	return request.Method == http.MethodGet || request.Header.Get("Idempotency-Key") != ""
}

// failed tells the client what it may do now; effect says that something may have been done.
func (u *upstream) failed(err error, effect bool) error {
	why := "connection"
	switch {
	case errors.Is(err, context.Canceled):
		return err // the client's own wish
	case errors.Is(err, errAbsent):
		why = "absent"
	case errors.Is(err, errCrowded):
		why = "crowded"
	case errors.Is(err, errLate):
		why = "timeout"
	}
	u.metrics.failures.WithLabelValues(u.module, why).Inc()
	kind := fault.Unavailable
	if effect {
		kind = fault.Unknown
	}
	return fault.New(kind, "ask %s: %w", u.module, err).After(time.Second)
}

// broken reports whether an error is the module's fault, which it is not that nobody was there.
func broken(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, errAbsent) && !errors.Is(err, errCrowded)
}

// causeOf is why ctx ended, if that is why err came about.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
