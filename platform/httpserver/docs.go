package httpserver

import (
	"embed"
	"net/http"
)

// docs are the pages of the API reference. They load nothing from anywhere else.
//
//go:embed docs
var docs embed.FS

func (s *Server) mountDocs() {
	files := http.FileServerFS(docs)
	s.Handle(http.MethodGet, "/docs", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, docs, "docs/index.html")
	}))
	for _, file := range []string{"/docs/docs.css", "/docs/docs.js", "/docs/try.js"} {
		s.Handle(http.MethodGet, file, files)
	}
}
