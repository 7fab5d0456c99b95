//go:build profiler

package main

import (
	"log/slog"
	"net/http"
	_ "net/http/pprof" // its routes are on the default mux, which the shop does not serve
	"os"
)

// A monolith built with this tag, as pangaea bench --cpu-profile does, can be looked into at an address
// of its own. The program that is released has none of this.
func init() {
	if address := os.Getenv("PROFILER_ADDR"); address != "" {
		go func() { slog.Error("profiler ended", "error", http.ListenAndServe(address, nil)) }()
	}
}
