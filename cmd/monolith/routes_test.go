package main

import (
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
)

// Programs can call what is described and nothing else: beside the operations there are pages for people,
// and what those who run the shop look at.
func TestEveryRouteIsDescribed(t *testing.T) {
	shop := open(t)
	described := map[string]bool{}
	for _, o := range shop.operations() {
		described[o.Method+" "+strings.NewReplacer("{", ":", "}", "").Replace(o.Path)] = true
	}
	engine, ok := shop.server.Pages().(*gin.Engine)
	require.True(t, ok)
	answered := map[string]bool{}
	for _, route := range engine.Routes() {
		name := route.Method + " " + route.Path
		answered[name] = true
		if !described[name] {
			for _, programs := range []string{"/api", "/.well-known", "/oauth2", "/graphql", "/debug", "/internal"} {
				require.False(t, strings.HasPrefix(route.Path, programs), "%s is not in the OpenAPI document", name)
			}
			require.Contains(t, []string{"GET", "HEAD", "POST"}, route.Method, name) // what links and forms can do
		}
	}
	for name := range described {
		require.True(t, answered[name], "%s is described and not answered", name)
	}
}
