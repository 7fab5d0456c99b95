package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// A health is how an instance is.
type health int32

const (
	down     health = iota // does not answer, or has not been asked yet
	draining               // about to stop: gets nothing new
	unwell                 // answers, and says that it cannot do real work: gets what nobody else could take
	well
)

func (h health) String() string {
	return [...]string{down: "down", draining: "draining", unwell: "unwell", well: "well"}[h]
}

// An instance is a process that hosts a module.
type instance struct {
	address string
	health  atomic.Int32
	busy    atomic.Int64  // requests that it has to answer
	doubt   chan struct{} // somebody thinks that it should be asked how it is
	forget  context.CancelFunc
}

func newInstance(address string, forget context.CancelFunc) *instance {
	return &instance{address: address, doubt: make(chan struct{}, 1), forget: forget}
}

func (i *instance) is() health { return health(i.health.Load()) }

// before reports whether a request should rather go to i than to other, having been with last.
func (i *instance) before(other, last *instance) bool {
	if i == last || other == last {
		return other == last
	}
	if mine, theirs := i.is(), other.is(); mine != theirs {
		return mine > theirs
	}
	return i.busy.Load() < other.busy.Load()
}

// suspect has the instance asked soon.
func (i *instance) suspect() {
	select {
	case i.doubt <- struct{}{}:
	default: // it will be
	}
}

// How instances are asked how they are.
const (
	askEvery   = 500 * time.Millisecond
	askAtMost  = 50 * time.Millisecond // between two times, however many doubts there are
	askTimeout = 2 * time.Second
	misses     = 2 // answers that are late before it counts as down: it may be busy
)

// watch asks an instance how it is until ctx ends, and tells note. One that is down is asked more and more rarely.
func (i *instance) watch(ctx context.Context, transport http.RoundTripper, note func(health)) {
	missed, pause := 0, askAtMost
	for ctx.Err() == nil {
		now, err := i.ask(ctx, transport)
		if missed++; err == nil {
			missed = 0
		}
		if late(err) && missed < misses {
			now = i.is()
		}
		note(now)
		switch {
		case now != down:
			pause = askEvery
		case missed == 1:
			pause = askAtMost
		default:
			pause = min(2*pause, askEvery)
		}
		i.rest(ctx, pause)
	}
}

func late(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// rest waits until it is time to ask again.
func (i *instance) rest(ctx context.Context, pause time.Duration) {
	least, most := time.NewTimer(min(askAtMost, pause)), time.NewTimer(pause)
	defer least.Stop()
	defer most.Stop()
	select {
	case <-least.C:
	case <-ctx.Done():
		return
	}
	select {
	case <-i.doubt:
	case <-most.C:
	case <-ctx.Done():
	}
}

func (i *instance) ask(ctx context.Context, transport http.RoundTripper) (health, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+i.address+"/readyz", http.NoBody)
	if err != nil {
		return down, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return down, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return down, err
	}
	var problem httpserver.Problem
	switch {
	case response.StatusCode == http.StatusOK:
		return well, nil
	case json.Unmarshal(answer, &problem) == nil && problem.Type == httpserver.DrainingType:
		return draining, nil
	}
	return unwell, nil
}
