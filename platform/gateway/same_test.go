package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// What a process that hosts all modules answers, the gateway in front of it answers too.
func TestTheSameRequestGetsTheSameAnswerDirectlyAndThroughTheGateway(t *testing.T) {
	n := newTown(t)
	direct := n.host("127.0.0.1:0", "identity", "things")
	n.list("identity", direct.Address())
	n.list("things", direct.Address())
	o := n.open(defaults)
	alice, staff := "Bearer "+n.token("alice"), "Bearer "+n.token("eve", "staff")
	for name, r := range map[string]struct {
		method, path, body string
		headers            []string
	}{
		"created":            {"POST", "/api/v1/things", `{"name":"a&b"}`, nil},
		"with a key":         {"POST", "/api/v1/things", `{"name":"a"}`, []string{"Idempotency-Key", "k"}},
		"two keys":           {"POST", "/api/v1/things", `{"name":"a"}`, []string{"Idempotency-Key", "k", "Idempotency-Key", "l"}},
		"a key taken back":   {"POST", "/api/v1/things", `{"name":"a"}`, []string{"Idempotency-Key", "k", "Connection", "Idempotency-Key"}},
		"wrong":              {"POST", "/api/v1/things", `{"name":""}`, nil},
		"malformed":          {"POST", "/api/v1/things", `{"name":`, nil},
		"nothing":            {"POST", "/api/v1/things", ``, nil},
		"too large":          {"POST", "/api/v1/things", strings.Repeat(" ", 1<<20+1), nil},
		"another type":       {"POST", "/api/v1/things", `{"name":"a"}`, []string{"Content-Type", "text/plain"}},
		"another site":       {"POST", "/api/v1/things", `{"name":"a"}`, []string{"Origin", "https://evil.example"}},
		"same site":          {"POST", "/api/v1/things", `{"name":"a"}`, []string{"Sec-Fetch-Site", "same-origin"}},
		"list":               {"GET", "/api/v1/things?kind=a%20b", "", nil},
		"head":               {"HEAD", "/api/v1/things?kind=a", "", nil},
		"wrong query":        {"GET", "/api/v1/things?kind=abcdefg", "", nil},
		"unknown query":      {"GET", "/api/v1/things?colour=red", "", nil},
		"query twice":        {"GET", "/api/v1/things?kind=a&kind=b", "", nil},
		"odd query":          {"GET", "/api/v1/things?kind=%00", "", nil},
		"odd path":           {"GET", "/api/v1/things/%2fx", "", nil},
		"path of two bytes":  {"GET", "/api/v1/things/%C3%A9", "", nil},
		"no such thing":      {"GET", "/api/v1/things/1", "", nil},
		"panics":             {"GET", "/api/v1/things/panic", "", nil},
		"is busy":            {"GET", "/api/v1/things/busy", "", nil},
		"large":              {"GET", "/api/v1/things/large", "", nil},
		"nobody's":           {"GET", "/api/v1/mine", "", nil},
		"hers":               {"GET", "/api/v1/mine", "", []string{"Authorization", alice}},
		"hers by cookie":     {"GET", "/api/v1/mine", "", []string{"Cookie", "pangaea_session=" + strings.TrimPrefix(alice, "Bearer ")}},
		"a bad token":        {"GET", "/api/v1/mine", "", []string{"Authorization", "Bearer x"}},
		"not for her":        {"DELETE", "/api/v1/things", "", []string{"Authorization", alice}},
		"for staff":          {"DELETE", "/api/v1/things", "", []string{"Authorization", staff}},
		"no such route":      {"GET", "/api/v1/nothing", "", nil},
		"a slash too many":   {"GET", "/api/v1/things/", "", nil},
		"no such method":     {"PATCH", "/api/v1/things", "", nil},
		"a method of nobody": {"TRACE", "/api/v1/things", "", nil},
		"keys":               {"GET", "/.well-known/jwks.json", "", nil},
		"alive":              {"GET", "/healthz", "", nil},
		"description":        {"GET", "/openapi.json", "", nil},
		"description, YAML":  {"GET", "/openapi.yaml", "", nil},
		"reference":          {"GET", "/docs", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			headers := append([]string{"X-Request-Id", "request-1"}, r.headers...)
			want, err := ask(o.client, direct.Address(), r.method, r.path, r.body, headers...)
			require.NoError(t, err)
			got := o.ask(r.method, r.path, r.body, headers...)
			for _, own := range []string{"Date", "Last-Modified"} {
				want.header.Del(own)
				got.header.Del(own)
			}
			require.Equal(t, want, got)
		})
	}
}

func TestAModuleLearnsWhoTheClientIsFromTheGatewayAlone(t *testing.T) {
	n := newTown(t)
	n.list("identity", n.host("127.0.0.1:0", "identity").Address())
	token := "Bearer " + n.token("alice")
	var seen *http.Request
	n.raw(func(_ http.ResponseWriter, r *http.Request) { seen = r })
	o := n.open(defaults)

	o.ask("GET", "/api/v1/things", "",
		"X-User-Id", "eve", "X_user_id", "eve", "x-user-id", "eve", "X-Roles", "staff", "X-Internal-Token", "x", "X-Module-Epoch", "1",
		"X-Not-Executed", "x", "X-Pangaea-Edge", edgeKey[:15]+"x", "X-Forwarded-For", "6.6.6.6", "X-Forwarded-Host", "evil.example",
		"X-Forwarded-Proto", "https", "X-Forwarded-Port", "1", "X-Real-Ip", "6.6.6.6", "Forwarded", "for=6.6.6.6", "True-Client-Ip", "6.6.6.6",
		"X-Http-Method-Override", "DELETE", "Connection", "X-Pangaea-Edge, X-Forwarded-For, X-Request-Id, Authorization", "Te", "trailers",
		"Upgrade", "h2c", "Proxy-Authorization", "x", "Keep-Alive", "1", "Traceparent", "nonsense",
		"Authorization", token, "Cookie", "a=b", "X-Request-Id", "request-1", "Accept", "text/plain", "User-Agent", "test")

	require.NotNil(t, seen)
	require.Len(t, seen.Header.Get("Traceparent"), 55)
	seen.Header.Del("Traceparent")
	require.Equal(t, http.Header{
		"Accept": {"text/plain"}, "Accept-Encoding": {"gzip"}, "Authorization": {token}, "Cookie": {"a=b"}, "User-Agent": {"test"},
		"X-Request-Id": {"request-1"}, "X-Pangaea-Edge": {edgeKey},
		"X-Forwarded-For": {"127.0.0.1"}, "X-Forwarded-Host": {o.server.Address()}, "X-Forwarded-Proto": {"http"},
	}, seen.Header)
	require.Equal(t, o.server.Address(), seen.Host)
}

func TestTheGatewayShowsWhatIsWrittenDown(t *testing.T) {
	n := newTown(t)
	all := n.server(httpserver.Settings{}, "identity", "things")
	want, err := all.OpenAPI().MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(want), n.open(defaults).ask("GET", "/openapi.json", "").body)
}
