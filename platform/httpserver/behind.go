package httpserver

import (
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// EdgeHeader is where the edge proves to a service who it is.
const EdgeHeader = "X-Pangaea-Edge"

// An EdgeKey is what the processes of one shop know each other by. It is as good as a password.
type EdgeKey string

const shortestKey = 16

// UnmarshalText refuses what somebody could guess, or what no header can carry.
func (k *EdgeKey) UnmarshalText(text []byte) error {
	if len(text) < shortestKey || strings.ContainsFunc(string(text), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("must be 16 characters or more, of ASCII and without spaces, such as openssl rand -hex 32 makes")
	}
	*k = EdgeKey(text)
	return nil
}

// knows reports whether a request comes from the edge.
func (k EdgeKey) knows(r *http.Request) bool {
	shown := r.Header.Values(EdgeHeader)
	return k != "" && len(shown) == 1 && subtle.ConstantTimeCompare([]byte(shown[0]), []byte(k)) == 1
}

// behind lets a request from the edge be the client's: its address, scheme and host are those that the edge
// saw. From anybody else the same headers mean nothing.
func behind(key EdgeKey, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key.knows(r) {
			exchangeOf(r.Context()).behind = true
			believe(r)
		}
		r.Header.Del(EdgeHeader) // nobody further on has a use for it
		next.ServeHTTP(w, r)
	})
}

func believe(r *http.Request) {
	if address, err := netip.ParseAddr(said(r, "X-Forwarded-For")); err == nil {
		r.RemoteAddr = net.JoinHostPort(address.String(), "0")
	}
	switch said(r, "X-Forwarded-Proto") {
	case "https":
		r.TLS = &tls.ConnectionState{}
	case "http":
		r.TLS = nil
	}
	if host := said(r, "X-Forwarded-Host"); host != "" {
		r.Host = host
	}
}

// said is what the edge itself says, where several in a row had something to say: the last word.
func said(r *http.Request, header string) string {
	values := r.Header.Values(header)
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}
