package httpserver

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const readyTimeout = 2 * time.Second

// readiness is whether the process can do real work.
type readiness struct {
	listening atomic.Bool
	mu        sync.Mutex
	checks    []readyCheck
}

type readyCheck struct {
	name string
	run  func(context.Context) error
}

// Ready adds a condition for real work, such as "ordering database". Its error is shown to whoever asks
// for /readyz.
func (s *Server) Ready(name string, check func(context.Context) error) {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	s.ready.checks = append(s.ready.checks, readyCheck{name, check})
}

// missing returns what is not ready, by name.
func (r *readiness) missing(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	missing := map[string]string{}
	if !r.listening.Load() {
		missing["http"] = "not accepting requests"
	}
	r.mu.Lock()
	checks := r.checks
	r.mu.Unlock()
	for _, check := range checks {
		if err := check.run(ctx); err != nil {
			missing[check.name] = err.Error()
		}
	}
	return missing
}
