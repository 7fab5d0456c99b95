package httpserver

import (
	"context"
	"encoding/json"
	"net/http"
)

// An exchange is what we know about a request besides the request itself.
type exchange struct {
	id       string          // the request id
	route    string          // the pattern that matched; empty: none did
	body     []byte          // the request's body as it came
	behind   bool            // the edge has seen it before us
	stopping context.Context // done when the server begins to stop
}

type exchangeKey struct{}

// exchangeOf returns the exchange that ctx belongs to, or an empty one.
func exchangeOf(ctx context.Context) *exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return e
	}
	return &exchange{stopping: context.Background()}
}

// RequestID returns the id that names the request in logs, answers and problems.
func RequestID(ctx context.Context) string { return exchangeOf(ctx).id }

// RawBody returns the request's body byte for byte. It must not be changed.
func RawBody(ctx context.Context) []byte { return exchangeOf(ctx).body }

// WithRawBody returns a context in which RawBody finds body: for tests that call handlers directly.
func WithRawBody(ctx context.Context, body []byte) context.Context {
	e := *exchangeOf(ctx)
	e.body = body
	return context.WithValue(ctx, exchangeKey{}, &e)
}

// answer writes a problem.
func answer(w http.ResponseWriter, r *http.Request, p *Problem) {
	p.fill(r.Context(), r.URL.EscapedPath())
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemMediaType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone; there is nobody else to tell
}

// fill adds what only the request knows.
func (p *Problem) fill(ctx context.Context, path string) {
	p.Instance, p.RequestID = path, RequestID(ctx)
}
