package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"slices"

	"go.opentelemetry.io/otel/propagation"
	"golang.org/x/net/http/httpguts"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// headers are names in their canonical form.
type headers map[string]bool

// plain are the headers of requests that HTTP itself gives a meaning to.
var plain = headers{
	"Accept": true, "Accept-Encoding": true, "Accept-Language": true, "Authorization": true, "Cache-Control": true, "Content-Type": true,
	"Cookie": true, "If-Match": true, "If-Modified-Since": true, "If-None-Match": true, "If-Range": true, "If-Unmodified-Since": true,
	"Origin": true, "Range": true, "Referer": true, "Sec-Fetch-Dest": true, "Sec-Fetch-Mode": true, "Sec-Fetch-Site": true,
	"Sec-Fetch-User": true, "User-Agent": true,
}

// carriedBy adds those that an operation takes. Whatever else a client sends ends here: who it is, where it
// comes from and which request this is, it does not get to say.
func carriedBy(description httpserver.Description) (headers, error) {
	type parameters struct {
		Parameters []struct{ Name, In string }
	}
	var document struct {
		Paths map[string]map[string]parameters
	}
	if err := json.Unmarshal(description, &document); err != nil {
		return nil, fmt.Errorf("the description of the API cannot be read: %w", err)
	}
	carried := maps.Clone(plain)
	for _, path := range document.Paths {
		for _, operation := range path {
			for _, p := range operation.Parameters {
				if p.In == "header" {
					carried[http.CanonicalHeaderKey(p.Name)] = true
				}
			}
		}
	}
	return carried, nil
}

// sendable refuses what cannot be said over HTTP. A client cannot have said it either, but a page that asks on its
// behalf, with what stood in a form.
func (h headers) sendable(header http.Header) error {
	for name, values := range header {
		if h[name] && slices.ContainsFunc(values, func(value string) bool { return !httpguts.ValidHeaderFieldValue(value) }) {
			return fault.Wrong(name, "has characters other than visible ASCII")
		}
	}
	return nil
}

// rewrite makes the request that a module gets of a client's. It begins with nothing, and takes no notice of
// which headers the client's Connection header takes back.
func rewrite(p *httputil.ProxyRequest, carried headers, key httpserver.EdgeKey) {
	p.Out.Header = http.Header{}
	for name, values := range p.In.Header {
		if carried[name] {
			p.Out.Header[name] = values
		}
	}
	ctx := p.In.Context()
	p.SetXForwarded()
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(p.Out.Header))
	p.Out.Header.Set("X-Request-Id", httpserver.RequestID(ctx))
	if key != "" {
		p.Out.Header.Set(httpserver.EdgeHeader, string(key))
	}
	p.Out.URL.Scheme = "http"

	body := httpserver.RawBody(ctx)
	p.Out.Body, p.Out.GetBody, p.Out.ContentLength, p.Out.TransferEncoding = nil, nil, int64(len(body)), nil
	if len(body) > 0 {
		p.Out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
}

// adopt makes a module's answer the gateway's. Of what both say, the module's word counts, as that of a handler
// does in one process.
func adopt(response *http.Response) error {
	ctx := response.Request.Context()
	w, _ := ctx.Value(answerKey{}).(http.ResponseWriter)
	for name := range response.Header {
		w.Header().Del(name)
	}
	if isStream(response) {
		response.Body = newStream(ctx, w, response.Body)
	}
	return nil
}
