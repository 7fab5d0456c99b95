package gateway

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An upstream is a module as the gateway sees it: the instances that host it, which come and go.
type upstream struct {
	module    string
	settings  Settings
	directory discovery.Directory
	transport http.RoundTripper
	metrics   *metrics
	room      room
	budget    *budget

	instances atomic.Pointer[[]*instance]
	mu        sync.Mutex
	arrival   chan struct{} // closed when an instance becomes usable
}

func newUpstream(module string, settings Settings, directory discovery.Directory, transport http.RoundTripper, m *metrics) *upstream {
	u := &upstream{
		module: module, settings: settings, directory: directory, transport: transport, metrics: m,
		room: room{places: settings.Waiting}, budget: newBudget(), arrival: make(chan struct{}),
	}
	u.instances.Store(&[]*instance{})
	return u
}

// lookEvery is how often the directory is asked who hosts the module now.
const lookEvery = time.Second

// discover keeps up with the directory until ctx ends. Where that cannot say, whom it named last counts.
func (u *upstream) discover(ctx context.Context) {
	var watching sync.WaitGroup
	defer watching.Wait()
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for told := ""; ; {
		addresses, err := u.directory.Lookup(ctx, u.module, discovery.HTTP)
		switch {
		case err == nil, fault.Is(err, fault.NotFound):
			told = ""
			u.know(ctx, addresses, &watching)
		case err.Error() != told && ctx.Err() == nil:
			told = err.Error()
			slog.WarnContext(ctx, "instances of a module could not be looked up; the last known ones count", "module", u.module, "error", err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}

// know forgets instances that are not at these addresses any more, and watches new ones: once requests can find them,
// or whoever waits would be woken for nothing.
func (u *upstream) know(ctx context.Context, addresses []string, watching *sync.WaitGroup) {
	var known []*instance
	for _, i := range *u.instances.Load() {
		if slices.Contains(addresses, i.address) {
			known = append(known, i)
		} else {
			i.forget()
		}
	}
	var watch []func()
	for _, address := range addresses {
		if slices.ContainsFunc(known, func(i *instance) bool { return i.address == address }) {
			continue
		}
		ctx, forget := context.WithCancel(ctx)
		i := newInstance(address, forget)
		known = append(known, i)
		watch = append(watch, func() { i.watch(ctx, u.transport, func(now health) { u.note(ctx, i, now) }) })
	}
	u.instances.Store(&known)
	for _, w := range watch {
		watching.Go(w)
	}
	u.measure()
}

// note remembers how an instance is. Whoever waits for one is woken.
func (u *upstream) note(ctx context.Context, i *instance, now health) {
	before := health(i.health.Swap(int32(now)))
	if before == now || ctx.Err() != nil {
		return
	}
	slog.InfoContext(ctx, "instance is "+now.String(), "module", u.module, "address", i.address, "was", before.String())
	if now == down {
		u.metrics.ejections.WithLabelValues(u.module).Inc()
	}
	u.measure()
	if now >= unwell {
		u.mu.Lock()
		defer u.mu.Unlock()
		close(u.arrival)
		u.arrival = make(chan struct{})
	}
}

func (u *upstream) measure() {
	count := map[health]float64{down: 0, draining: 0, unwell: 0, well: 0}
	for _, i := range *u.instances.Load() {
		count[i.is()]++
	}
	for state, n := range count {
		u.metrics.instances.WithLabelValues(u.module, state.String()).Set(n)
	}
}

// any reports whether there is an instance that is like that.
func (u *upstream) any(state health) bool {
	return slices.ContainsFunc(*u.instances.Load(), func(i *instance) bool { return i.is() == state })
}

var (
	errAbsent  = errors.New("no instance is there")
	errCrowded = errors.New("no instance is there, and too many requests wait for one")
)

// find takes the instance that has least to do, and last only if it is the only one. Where there is none, it
// waits for one until patience ends; size is what waiting costs. What is found counts as busy with a request.
func (u *upstream) find(ctx context.Context, last *instance, patience time.Time, size int64) (*instance, error) {
	if i := u.leastBusy(last); i != nil {
		return i, nil
	}
	if !u.room.enter(size) {
		return nil, errCrowded
	}
	defer u.room.leave(size)
	waiting := u.metrics.waiting.WithLabelValues(u.module)
	waiting.Inc()
	defer waiting.Dec()
	enough := time.NewTimer(time.Until(patience))
	defer enough.Stop()
	for {
		u.mu.Lock()
		arrival := u.arrival
		u.mu.Unlock()
		if i := u.leastBusy(last); i != nil {
			return i, nil
		}
		select {
		case <-arrival:
		case <-enough.C:
			return nil, errAbsent
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// leastBusy prefers those that are well, and others to last. It begins to look anywhere, so that equals share the work.
func (u *upstream) leastBusy(last *instance) (best *instance) {
	all := *u.instances.Load()
	if len(all) == 0 {
		return nil
	}
	first := rand.IntN(len(all))
	for n := range all {
		if i := all[(first+n)%len(all)]; i.is() >= unwell && (best == nil || i.before(best, last)) {
			best = i
		}
	}
	if best != nil {
		best.busy.Add(1)
	}
	return best
}
