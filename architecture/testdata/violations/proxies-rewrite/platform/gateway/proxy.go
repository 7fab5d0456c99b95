package gateway

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

var literal = &httputil.ReverseProxy{Director: func(r *http.Request) { r.Header.Set("X-User", "alice") }}

func assigned(p *httputil.ReverseProxy, to *url.URL) http.Handler {
	p.Director = func(*http.Request) {}
	return httputil.NewSingleHostReverseProxy(to)
}
