package httpserver

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/ratelimit"
)

// limit holds back clients who ask too often: accounts, or addresses where nobody is signed in. Behind the
// edge it has been done.
func limit(limiter *ratelimit.Limiter, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, signedIn := auth.From(r.Context())
		if unlimited(r.URL.Path) || exchangeOf(r.Context()).behind || caller.HasScope(auth.ScopeImport) {
			next.ServeHTTP(w, r)
			return
		}
		client := caller.Subject
		if !signedIn {
			client = network(r.RemoteAddr)
		}
		verdict := limiter.Take(client, time.Now())
		if verdict.Limit > 0 {
			w.Header().Set("RateLimit-Limit", strconv.Itoa(verdict.Limit))
			w.Header().Set("RateLimit-Remaining", strconv.Itoa(verdict.Remaining))
			w.Header().Set("RateLimit-Reset", strconv.Itoa(int(math.Ceil(verdict.Reset.Seconds()))))
		}
		if !verdict.Allowed {
			Refuse(w, r, fault.New(fault.TooMany, "you ask too often; wait a moment").After(max(verdict.Retry, time.Second)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unlimited are the paths for those who watch over us.
func unlimited(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/metrics"
}

// network is where a request comes from: an IPv4 address or an IPv6 /64, which one customer has all of.
func network(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	address, err := netip.ParseAddr(host)
	if err != nil || address.Unmap().Is4() {
		return host
	}
	prefix, _ := address.WithZone("").Prefix(64) // 64 bits is never wrong for IPv6
	return prefix.String()
}
