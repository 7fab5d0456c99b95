package httpserver

import (
	"net/http"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// contentPolicy keeps pages to what this server itself sends: no foreign hosts, no inline scripts.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// protect tells browsers to be careful, and refuses unsafe requests that another site made one send.
// Programs that are no browsers send neither Origin nor Sec-Fetch-Site and are not held up.
func protect(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.TLS != nil {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			header.Set("Cache-Control", "no-store")
		}
		if origins.Check(r) != nil {
			Refuse(w, r, fault.New(fault.Forbidden, "another site may not do this in your name").WithCode("cross-origin"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
