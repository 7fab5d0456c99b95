package httpserver

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/strictjson"
)

const (
	maxQuery      = 8 << 10
	maxParameters = 100
)

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// edge refuses requests that two readers could understand differently, and reads the body, once and
// bounded: RawBody has it, and handlers read it from memory.
func edge(maxBody int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			answer(w, r, newProblem(http.StatusMethodNotAllowed, "method-not-allowed", "this method is not spoken here"))
			return
		}
		if err := ambiguous(r); err != nil {
			w.Header().Set("Connection", "close")
			Refuse(w, r, err)
			return
		}
		if err := readBody(w, r, maxBody); err != nil {
			w.Header().Set("Connection", "close")
			Refuse(w, r, err)
			return
		}
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet // net/http knows what was asked, and sends no body
		}
		next.ServeHTTP(w, r)
	})
}

func ambiguous(r *http.Request) error {
	if framedTwice(r) {
		return fault.New(fault.Malformed, "the request has both Content-Length and Transfer-Encoding")
	}
	path := strings.ToLower(r.URL.EscapedPath())
	for _, part := range []string{"%2f", "%5c", "\\", "%00"} {
		if strings.Contains(path, part) {
			return fault.New(fault.Malformed, "the path has a slash, backslash or zero in disguise")
		}
	}
	if !plainText(r.URL.Path) {
		return fault.New(fault.Malformed, "the path is not plain UTF-8 text")
	}
	return checkQuery(r.URL.RawQuery)
}

func checkQuery(raw string) error {
	if len(raw) > maxQuery || strings.Count(raw, "&") >= maxParameters {
		return fault.New(fault.Malformed, "the query is too long")
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return fault.New(fault.Malformed, "the query cannot be parsed")
	}
	for name, values := range query {
		if !plainText(name) || !plainText(strings.Join(values, "")) {
			return fault.New(fault.Malformed, "the query is not plain UTF-8 text")
		}
	}
	return nil
}

// plainText reports whether s is UTF-8 without control characters.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func readBody(w http.ResponseWriter, r *http.Request, most int64) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return newProblem(http.StatusUnsupportedMediaType, "unsupported-media-type", "send the body without Content-Encoding")
	}
	tooLarge := fault.New(fault.TooLarge, "the body is larger than %d bytes", most)
	if r.ContentLength > most {
		return tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return tooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newProblem(http.StatusRequestTimeout, "request-timeout", "the body took too long to arrive")
	case err != nil:
		return fault.New(fault.Malformed, "the body ended early or is framed wrongly")
	}
	exchangeOf(r.Context()).body = body
	r.Body = io.NopCloser(bytes.NewReader(body))
	return checkBody(r.Header.Get("Content-Type"), body)
}

func checkBody(contentType string, body []byte) error {
	kind, _, err := mime.ParseMediaType(contentType)
	if len(body) == 0 || err != nil || !strings.HasSuffix(kind, "json") {
		return nil // whether the operation takes it is for the operation to say
	}
	if err := strictjson.Check(body); err != nil {
		return fault.New(fault.Malformed, "the body is not acceptable JSON: %w", err)
	}
	return nil
}
