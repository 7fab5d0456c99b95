package auth

import (
	"net/http"
	"time"
)

// NewSession is the cookie that keeps a browser signed in with an access token for as long as it lives.
// secure says that the browser came over TLS.
func NewSession(token string, life time.Duration, secure bool) *http.Cookie {
	return &http.Cookie{
		Name: SessionCookie, Value: token, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
}

// EndSession is the cookie that makes a browser forget its session.
func EndSession() *http.Cookie {
	return &http.Cookie{Name: SessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
