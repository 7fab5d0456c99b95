package httpserver

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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

// mountOwn adds the routes that belong to no module.
func (s *Server) mountOwn(registry *prometheus.Registry) {
	s.Handle(http.MethodGet, "/healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]string{"status": "alive"})
	}))
	s.Handle(http.MethodGet, "/readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if missing := s.ready.missing(r.Context()); len(missing) > 0 {
			Refuse(w, r, fault.New(fault.Unavailable, "not ready for real work").WithCode("not-ready").
				WithDetail("missing", missing).After(time.Second))
			return
		}
		writeJSON(w, map[string]string{"status": "ready"})
	}))
	s.Handle(http.MethodGet, "/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s.Handle(http.MethodGet, "/openapi.json", s.describe("application/json", (*huma.OpenAPI).MarshalJSON))
	s.Handle(http.MethodGet, "/openapi.yaml", s.describe("application/yaml", (*huma.OpenAPI).YAML))
}

// describe answers with the API's description, rendered when first asked for: by then all is mounted.
func (s *Server) describe(mediaType string, render func(*huma.OpenAPI) ([]byte, error)) http.Handler {
	once := sync.OnceValues(func() ([]byte, error) { return render(s.OpenAPI()) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		description, err := once()
		if err != nil {
			Refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write(description) // the client may be gone
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}
