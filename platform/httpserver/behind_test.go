package httpserver_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/ratelimit"
)

const edgeKey = "0123456789abcdef"

// mirror is a server that answers with whom it takes the client for.
func mirror(t *testing.T, settings httpserver.Settings) *httpserver.Server {
	t.Helper()
	server, _ := start(t, settings, sample)
	server.Handle(http.MethodGet, "/mirror", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %t %s %q", r.RemoteAddr, r.TLS != nil, r.Host, r.Header.Values(httpserver.EdgeHeader))
	}))
	return server
}

func TestOnlyTheEdgeIsBelievedAboutTheClient(t *testing.T) {
	server, unkeyed := mirror(t, httpserver.Settings{EdgeKey: edgeKey}), mirror(t, httpserver.Settings{})
	const forwarded, shop = "203.0.113.7", "shop.example"
	for name, test := range map[string]struct {
		server  *httpserver.Server
		headers []string
		want    string // of address, TLS and host; empty: as on the wire
	}{
		"the right key":      {server, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", forwarded, "X-Forwarded-Proto", "https", "X-Forwarded-Host", shop}, `203.0.113.7:0 true shop.example []`},
		"IPv6":               {server, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", "2001:db8::1", "X-Forwarded-Host", shop}, `[2001:db8::1]:0 false shop.example []`},
		"several in a row":   {server, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", "6.6.6.6, 203.0.113.7", "X-Forwarded-Host", shop}, `203.0.113.7:0 false shop.example []`},
		"several headers":    {server, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", "6.6.6.6", "X-Forwarded-For", forwarded, "X-Forwarded-Host", shop}, `203.0.113.7:0 false shop.example []`},
		"no key":             {server, []string{"X-Forwarded-For", forwarded, "X-Forwarded-Proto", "https", "X-Forwarded-Host", shop}, ""},
		"a wrong key":        {server, []string{"X-Pangaea-Edge", edgeKey[:15] + "g", "X-Forwarded-For", forwarded, "X-Forwarded-Proto", "https"}, ""},
		"half a key":         {server, []string{"X-Pangaea-Edge", edgeKey[:8], "X-Forwarded-For", forwarded}, ""},
		"a key and another":  {server, []string{"X-Pangaea-Edge", edgeKey, "X-Pangaea-Edge", "x", "X-Forwarded-For", forwarded}, ""},
		"an empty key":       {unkeyed, []string{"X-Pangaea-Edge", "", "X-Forwarded-For", forwarded, "X-Forwarded-Proto", "https"}, ""},
		"nobody has a key":   {unkeyed, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", forwarded}, ""},
		"garbage":            {server, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", "localhost", "X-Forwarded-Proto", "gopher", "X-Forwarded-Host", ""}, ""},
		"an address of none": {server, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", forwarded + ","}, ""},
		"with a port":        {server, []string{"X-Pangaea-Edge", edgeKey, "X-Forwarded-For", forwarded + ":80"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, body := get(t, test.server, "/mirror", test.headers...)
			if test.want != "" {
				require.Equal(t, test.want, body)
				return
			}
			require.Regexp(t, `^127\.0\.0\.1:[1-9]\d* false `+test.server.Address()+` \[\]$`, body)
		})
	}
}

func TestTheEdgeCountsRequestsForTheServicesBehindIt(t *testing.T) {
	server := mirror(t, httpserver.Settings{EdgeKey: edgeKey, Rate: ratelimit.Rate{Count: 1, Per: time.Hour}})
	for range 5 {
		response, _ := get(t, server, "/mirror", "X-Pangaea-Edge", edgeKey)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Empty(t, response.Header.Get("RateLimit-Limit"))
	}
	for i := range 2 {
		response, _ := get(t, server, "/mirror", "X-Pangaea-Edge", "wrong", "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
		require.Equal(t, []int{http.StatusOK, http.StatusTooManyRequests}[i], response.StatusCode)
	}
}

func TestBehindTLSBrowsersAreTold(t *testing.T) {
	server := mirror(t, httpserver.Settings{EdgeKey: edgeKey})
	response, _ := get(t, server, "/mirror", "X-Pangaea-Edge", edgeKey, "X-Forwarded-Proto", "https")
	require.NotEmpty(t, response.Header.Get("Strict-Transport-Security"))
	response, _ = get(t, server, "/mirror", "X-Forwarded-Proto", "https")
	require.Empty(t, response.Header.Get("Strict-Transport-Security"))
}

func TestAKeyThatCouldBeGuessedIsRefused(t *testing.T) {
	for _, weak := range []string{"secret", "0123456789 abcdef", "0123456789abcdé", "0123456789abcdef\n"} {
		var key httpserver.EdgeKey
		require.ErrorContains(t, key.UnmarshalText([]byte(weak)), "16 characters", weak)
	}
}
