package web_test

import (
	"crypto/tls"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

const credentials = `{"email":"` + adaEmail + `","password":"` + adaPassword + `"}`

func TestABrowserIsSignedInByCookiesThatNoScriptReads(t *testing.T) {
	f := open(t)

	w := f.call("POST", "/api/v1/session", "", credentials)

	require.Equal(t, http.StatusOK, w.Code, w.Body)
	access, refresh := cookies(t, w.Result())
	require.Equal(t, "/", access.Path)
	require.Equal(t, http.SameSiteLaxMode, access.SameSite)
	require.Equal(t, 600, access.MaxAge)
	require.Equal(t, "/", refresh.Path)
	require.Equal(t, http.SameSiteLaxMode, refresh.SameSite)
	for _, c := range []*http.Cookie{access, refresh} {
		require.True(t, c.HttpOnly)
		require.False(t, c.Secure, "plain HTTP on this machine")
		require.NotContains(t, w.Body.String(), c.Value)
	}
	require.Equal(t, http.StatusOK, f.call("GET", "/api/v1/accounts/me", "", "", with(access)).Code)
	require.Equal(t, http.StatusUnauthorized, f.call("GET", "/api/v1/accounts/me", "", "", with(refresh)).Code)
}

func TestASessionOverTLSStaysOnTLS(t *testing.T) {
	f := open(t)
	w := f.call("POST", "/api/v1/session", "", credentials, func(r *http.Request) { r.TLS = &tls.ConnectionState{} })
	access, refresh := cookies(t, w.Result())
	require.True(t, access.Secure)
	require.True(t, refresh.Secure)
}

func TestASessionIsRefreshedAndEnded(t *testing.T) {
	f := open(t)
	_, first := cookies(t, f.call("POST", "/api/v1/session", "", credentials).Result())

	w := f.call("POST", "/api/v1/session/refresh", "", "", with(first))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	access, second := cookies(t, w.Result())
	require.NotEqual(t, first.Value, second.Value)
	require.Equal(t, http.StatusOK, f.call("GET", "/api/v1/accounts/me", "", "", with(access)).Code)

	w = f.call("DELETE", "/api/v1/session", "", "", with(second))
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	access, refresh := cookies(t, w.Result())
	require.Negative(t, access.MaxAge)
	require.Negative(t, refresh.MaxAge)
	require.Equal(t, http.StatusUnauthorized, f.call("POST", "/api/v1/session/refresh", "", "", with(second)).Code)
}

func TestEverySignInIsANewSession(t *testing.T) {
	f := open(t)
	a1, r1 := cookies(t, f.call("POST", "/api/v1/session", "", credentials).Result())
	a2, r2 := cookies(t, f.call("POST", "/api/v1/session", "", credentials, with(a1), with(r1)).Result())
	require.NotEqual(t, a1.Value, a2.Value)
	require.NotEqual(t, r1.Value, r2.Value)
}

func TestAnotherSiteCannotSignInNorOut(t *testing.T) {
	f := open(t)
	access, refresh := cookies(t, f.call("POST", "/api/v1/session", "", credentials).Result())
	for _, foreign := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		func(r *http.Request) { r.Header.Set("Origin", "null") },
	} {
		for _, call := range [][2]string{
			{"POST", "/api/v1/session"},
			{"POST", "/api/v1/session/refresh"},
			{"DELETE", "/api/v1/session"},
			{"POST", "/api/v1/tokens"},
			{"POST", "/api/v1/accounts"},
			{"POST", "/api/v1/accounts/me/close"},
		} {
			w := f.call(call[0], call[1], "", credentials, with(access), with(refresh), foreign)
			require.Equal(t, http.StatusForbidden, w.Code, "%s: %s", call, w.Body)
		}
	}
	w := f.call("POST", "/api/v1/session", "", credentials, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
}

func cookies(t *testing.T, r *http.Response) (access, refresh *http.Cookie) {
	t.Helper()
	for _, c := range r.Cookies() {
		switch c.Name {
		case "pangaea_session":
			access = c
		case "pangaea_refresh":
			refresh = c
		}
	}
	require.NotNil(t, access)
	require.NotNil(t, refresh)
	return access, refresh
}

func with(c *http.Cookie) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value}) }
}
