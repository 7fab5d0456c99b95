package storefront

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/auth"
)

// A problem is how the API refuses (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
}

// Error says what is wrong, for the visitor.
func (p *problem) Error() string {
	return capital(cmp.Or(p.Detail, http.StatusText(p.Status), "the shop refuses")) + "."
}

func (p *problem) is(code string) bool { return p != nil && strings.HasSuffix(p.Type, ":"+code) }

// get reads a thing of the API.
func (v *visit) get(path string, into any) error {
	_, err := v.send(http.MethodGet, path, nil, into)
	return err
}

// post sends a form's content to the API.
func (v *visit) post(path string, body, into any, headers ...string) error {
	_, err := v.send(http.MethodPost, path, body, into, headers...)
	return err
}

// send asks the API in the visitor's name. A refusal is a *problem. The session goes along in its cookie,
// as from a browser: one that is no good any more does not keep anybody from what is for everybody.
func (v *visit) send(method, path string, body, into any, headers ...string) (http.Header, error) {
	var content io.Reader
	if body != nil {
		rendered, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(rendered)
	}
	request, err := http.NewRequestWithContext(v.Request.Context(), method, path, content)
	if err != nil {
		return nil, err
	}
	request.RemoteAddr, request.TLS, request.Host = v.Request.RemoteAddr, v.Request.TLS, v.Request.Host
	request.Header.Set("Content-Type", "application/json")
	if v.token != "" {
		request.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: v.token})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := v.api.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	return response.Header, decode(response, into)
}

func decode(response *http.Response, into any) error {
	if response.StatusCode >= http.StatusBadRequest {
		p := &problem{}
		if err := json.NewDecoder(response.Body).Decode(p); err != nil {
			return fmt.Errorf("status %d without a problem document: %w", response.StatusCode, err)
		}
		p.Status = response.StatusCode
		return p
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// Local reaches the API in this process: no connection, the same rules.
func Local(handler http.Handler) http.RoundTripper { return local{handler} }

type local struct{ handler http.Handler }

// RoundTrip answers from memory.
func (l local) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		request.Body = http.NoBody
	}
	w := &written{header: http.Header{}, status: http.StatusOK}
	l.handler.ServeHTTP(w, request)
	return &http.Response{
		StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: request,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(w.body.Len()),
	}, nil
}

// written is an answer kept in memory.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header         { return w.header }
func (w *written) WriteHeader(status int)      { w.status = status }
func (w *written) Write(p []byte) (int, error) { return w.body.Write(p) }
