package httpserver

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// mountOwn adds the routes that belong to no module.
func (s *Server) mountOwn(registry *prometheus.Registry) {
	s.Handle(http.MethodGet, "/healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]string{"status": "alive"})
	}))
	s.Handle(http.MethodGet, "/readyz", &s.ready)
	registry.MustRegister(&s.ready)
	// What cannot be measured is left out: with a database gone, the rest is what tells what is going on.
	s.Handle(http.MethodGet, "/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, Registry: registry,
	}))
	s.mountDocs()
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
