package stories

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// deniesClaims says in headers to be somebody else.
func (c counter) deniesClaims(t *testing.T) {
	claims := map[string]string{}
	for _, name := range []string{"X-User-Id", "X_User_Id", "X-User", "X-Customer-Id", "X-Subject", "X-Account-Id", "X-Forwarded-User", "X-Authenticated-User", "Remote-User"} {
		claims[name] = c.staff.id
	}
	for _, name := range []string{"X-Roles", "X-User-Roles", "X-Role", "X-Scopes"} {
		claims[name] = "staff operator"
	}
	maps.Copy(claims, map[string]string{
		"X-Internal-Token": c.staff.token, "X-Access-Token": c.staff.token, "X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1",
		"X-Original-Url": "/healthz", "X-Rewrite-Url": "/healthz", "X-Forwarded-Host": "localhost", "X-Http-Method-Override": "GET",
		"X-Method-Override": "GET", "X-Module-Epoch": "1", "X-Not-Executed": "1",
	})
	for _, o := range c.operations {
		r := c.adas.request(o, nil)
		maps.Copy(r.headers, claims)
		if o.access != "anyone" {
			require.Equal(t, http.StatusUnauthorized, c.nobody.sends(r).status, o)
		}
		switch {
		case o.access == "staff" || o.access == "operator":
			require.Equal(t, http.StatusForbidden, c.bob.sends(r).status, o)
		case o.access == "signed-in" && len(r.segments) > 0:
			require.Equal(t, http.StatusNotFound, c.bob.sends(r).status, o)
		}
	}
	require.Empty(t, c.watch.changes())
}

// deniesSpellings tries what is for staff under other spellings of its address, and everything by other methods.
func (c counter) deniesSpellings(t *testing.T) {
	documented := map[string][]string{}
	for _, o := range c.operations {
		documented[o.path] = append(documented[o.path], o.method)
	}
	for _, o := range c.operations {
		r := c.adas.request(o, nil)
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"} {
			known := slices.Contains(documented[o.path], method) || method == http.MethodHead && slices.Contains(documented[o.path], http.MethodGet)
			if known {
				continue
			}
			other := r.clone()
			other.method = method
			other.headers["X-HTTP-Method-Override"] = o.method
			got := c.staff.sends(other)
			require.Equal(t, http.StatusMethodNotAllowed, got.status, "%s %s", method, o.path)
			require.NotEmpty(t, got.header.Get("Allow"), "%s %s", method, o.path)
		}
		if o.access != "staff" && o.access != "operator" {
			continue
		}
		path := r.address()
		for _, spelling := range []string{
			path + "/", "/" + path, path + ";a=b", path + "%20", path + "%2e", path + "%3f", "/x/.." + path, "/." + path, "/%2e%2e" + path,
			strings.ToUpper(path), strings.Replace(path, "/api/", "/api//", 1), strings.Replace(path, "/v1/", "/V1/", 1),
			strings.Replace(path, "/v1/", "/v1%2f", 1), strings.Replace(path, "/v1/", "/%76%31/", 1), "/assets/.." + path, "/docs/.." + path, path + ".json",
		} {
			_, err := url.Parse(spelling)
			require.NoError(t, err)
			got, err := c.bob.try(o.method, spelling, r.content)
			require.NoError(t, err)
			require.Contains(t, []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed}, got.status, "%s %s: %s", o.method, spelling, got.body)
		}
	}
	require.Empty(t, c.watch.changes())
}
