package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
)

func TestTheHeaderCountsBeforeTheCookie(t *testing.T) {
	keys, token := authtest.New(t)
	for name, test := range map[string]struct {
		prepare func(*http.Request)
		subject string
	}{
		"nothing":       {func(*http.Request) {}, ""},
		"header":        {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token("alice")) }, "alice"},
		"cookie":        {func(r *http.Request) { r.AddCookie(auth.NewSession(token("bob"), time.Minute, false)) }, "bob"},
		"broken cookie": {func(r *http.Request) { r.AddCookie(auth.NewSession("x", time.Minute, false)) }, ""},
		"two cookies": {func(r *http.Request) {
			r.AddCookie(auth.NewSession(token("bob"), time.Minute, false))
			r.AddCookie(auth.NewSession(token("eve"), time.Minute, false))
		}, ""},
		"two headers": {func(r *http.Request) {
			r.Header["Authorization"] = []string{"Bearer " + token("alice"), "Bearer " + token("eve")}
		}, ""},
		"another scheme": {func(r *http.Request) { r.SetBasicAuth("alice", "secret") }, ""},
		"both": {func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+token("alice"))
			r.AddCookie(auth.NewSession(token("bob"), time.Minute, false))
		}, "alice"},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			test.prepare(request)
			var caller auth.Principal
			auth.NewVerifier(keys).Authenticate(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				caller, _ = auth.From(r.Context())
			})).ServeHTTP(httptest.NewRecorder(), request)
			require.Equal(t, test.subject, caller.Subject)
		})
	}
}

func TestOwnersAndStaffMay(t *testing.T) {
	require.True(t, auth.Principal{Subject: "alice"}.May("alice"))
	require.False(t, auth.Principal{Subject: "alice"}.May("bob"))
	require.False(t, auth.Principal{}.May(""))
	require.True(t, auth.Principal{Subject: "eve", Roles: []string{auth.RoleStaff}}.May("alice"))
}
