package httpserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2/yaml"
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
	s.Handle(http.MethodGet, "/openapi.json", s.describe("application/json", s.json))
	s.Handle(http.MethodGet, "/openapi.yaml", s.describe("application/yaml", s.yaml))
}

// A Description is an OpenAPI document, as JSON.
type Description []byte

// Describe has the server show a description that was written down, instead of what is mounted.
func (s *Server) Describe(d Description) { s.description = d }

func (s *Server) json() ([]byte, error) {
	if s.description == nil {
		return s.OpenAPI().MarshalJSON()
	}
	var dense bytes.Buffer
	err := json.Compact(&dense, s.description)
	return dense.Bytes(), err
}

func (s *Server) yaml() ([]byte, error) {
	document, err := s.json()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = yaml.Convert(&text, bytes.NewReader(document))
	return text.Bytes(), err
}

// describe answers with the API's description, rendered when first asked for: by then all is mounted.
func (s *Server) describe(mediaType string, render func() ([]byte, error)) http.Handler {
	once := sync.OnceValues(render)
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
