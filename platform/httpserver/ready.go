package httpserver

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Ready adds a condition for real work, such as "ordering database". Its error is shown to whoever asks
// for /readyz, who is told to send no requests here; a [Concern] is shown and changes nothing.
//
// check may be slow or hang: it is asked once at a time, however many want to know.
func (s *Server) Ready(name string, check func(context.Context) error) {
	s.ready.add(newCheck(name, check))
}

// Concern makes an error one that does not keep a process from its work: an operator should know about it,
// and requests are as welcome as ever.
func Concern(err error) error { return &concern{err} }

type concern struct{ error }

func (c *concern) Unwrap() error { return c.error }

// readiness is whether the process can do real work.
type readiness struct {
	listening atomic.Bool
	draining  atomic.Bool // about to stop listening
	mu        sync.Mutex
	checks    []*check
	told      map[string]string // what was missing when somebody looked last
}

func (r *readiness) add(c *check) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = append(r.checks, c)
}

// A state is what all checks say: the words of those that are not content, by name.
type state struct {
	missing, concerns map[string]string
	asked             []string // all names
}

// look asks all checks at once. It takes as long as the slowest one, and at most answerTimeout.
func (r *readiness) look() state {
	r.mu.Lock()
	checks := r.checks
	r.mu.Unlock()
	for _, c := range checks {
		c.begin()
	}
	now := state{missing: map[string]string{}, concerns: map[string]string{}, asked: []string{"http"}}
	switch {
	case !r.listening.Load():
		now.missing["http"] = "not accepting requests"
	case r.draining.Load():
		now.missing["http"] = "about to stop"
	}
	for _, c := range checks {
		now.asked = append(now.asked, c.name)
		err := c.answer()
		var minor *concern
		switch {
		case errors.As(err, &minor):
			now.concerns[c.name] = err.Error()
		case err != nil:
			now.missing[c.name] = err.Error()
		}
	}
	r.tell(now)
	return now
}

// tell logs what has come to be missing, or no longer is, since the last look.
func (r *readiness) tell(now state) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range now.asked {
		why, missing := now.missing[name]
		_, before := r.told[name]
		switch {
		case missing && !before:
			slog.Warn("not ready for real work", "check", name, "error", why)
		case !missing && before:
			slog.Info("ready again for real work", "check", name)
		}
	}
	r.told = now.missing
}

// ServeHTTP answers /readyz.
func (r *readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if r.draining.Load() {
		answer(w, request, lastWords())
		return
	}
	now := r.look()
	if len(now.missing) == 0 {
		writeJSON(w, struct {
			Status   string            `json:"status"`
			Concerns map[string]string `json:"concerns,omitempty"`
		}{"ready", now.concerns})
		return
	}
	p := newProblem(http.StatusServiceUnavailable, "not-ready", "not ready for real work")
	p.Details = map[string]any{"missing": now.missing}
	if len(now.concerns) > 0 {
		p.Details["concerns"] = now.concerns
	}
	p.header.Set("Retry-After", "1")
	answer(w, request, p)
}

var (
	readyDesc = prometheus.NewDesc("pangaea_ready",
		"Whether a condition for real work holds, as /readyz says: 1 or 0.", []string{"check"}, nil)
	concernDesc = prometheus.NewDesc("pangaea_concern",
		"Whether /readyz shows something about a condition that an operator should know: 1 or 0.", []string{"check"}, nil)
)

// Describe names the measurements for Prometheus.
func (r *readiness) Describe(to chan<- *prometheus.Desc) {
	to <- readyDesc
	to <- concernDesc
}

// Collect tells Prometheus what /readyz would say.
func (r *readiness) Collect(to chan<- prometheus.Metric) {
	now := r.look()
	for _, name := range now.asked {
		ready, concerned := 1.0, 0.0
		if _, missing := now.missing[name]; missing {
			ready = 0
		}
		if _, shown := now.concerns[name]; shown {
			concerned = 1
		}
		to <- prometheus.MustNewConstMetric(readyDesc, prometheus.GaugeValue, ready, name)
		to <- prometheus.MustNewConstMetric(concernDesc, prometheus.GaugeValue, concerned, name)
	}
}
