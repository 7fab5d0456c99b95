package rpc

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/resolver"

	"github.com/pangaea-shop/pangaea/platform/discovery"
)

const (
	lookAfter   = time.Second            // instances come and go
	lookPause   = 100 * time.Millisecond // between two looks, however many connections break
	lookTimeout = 2 * time.Second
)

// A builder makes grpc look for instances in a directory.
type builder struct{ directory discovery.Directory }

// Scheme is how targets begin that name a module.
func (builder) Scheme() string { return "module" }

// Build begins to look for the instances of the module that the target names.
func (b builder) Build(target resolver.Target, conn resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	ctx, stop := context.WithCancel(context.Background())
	l := &lookout{directory: b.directory, module: target.Endpoint(), conn: conn, stop: stop, again: make(chan struct{}, 1)}
	l.running.Go(func() { l.run(ctx) })
	return l, nil
}

// A lookout tells a connection where the instances of a module are.
type lookout struct {
	directory discovery.Directory
	module    string
	conn      resolver.ClientConn
	stop      context.CancelFunc
	running   sync.WaitGroup
	again     chan struct{}

	found  []string // last; it counts until there is something better
	failed bool     // the last look
}

func (l *lookout) run(ctx context.Context) {
	for ctx.Err() == nil {
		l.look(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(lookPause):
		}
		select {
		case <-ctx.Done():
		case <-l.again:
		case <-time.After(lookAfter - lookPause):
		}
	}
}

func (l *lookout) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	found, err := l.directory.Lookup(ctx, l.module, discovery.GRPC)
	if err != nil {
		if !l.failed {
			slog.WarnContext(ctx, "instances could not be looked up; the last known ones count", "module", l.module, "known", l.found, "error", err)
		}
		l.failed = true
		if l.found == nil {
			l.conn.ReportError(err)
		}
		return
	}
	l.failed = false
	if slices.Equal(found, l.found) {
		return
	}
	state := resolver.State{}
	for _, address := range found {
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: address}}})
	}
	if l.conn.UpdateState(state) == nil {
		l.found = found
	}
}

// ResolveNow looks again soon. It is called where connections break.
func (l *lookout) ResolveNow(resolver.ResolveNowOptions) {
	select {
	case l.again <- struct{}{}:
	default:
	}
}

// Close looks no more.
func (l *lookout) Close() {
	l.stop()
	l.running.Wait()
}
