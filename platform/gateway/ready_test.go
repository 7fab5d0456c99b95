package gateway_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAGatewayWithoutOneModuleIsStillOfUse(t *testing.T) {
	n := newTown(t)
	o := n.open(defaults)
	alone := o.ask("GET", "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, alone.status)
	require.Contains(t, alone.body, `"missing":{"modules":"no instance of any module is there"}`)
	require.Equal(t, http.StatusOK, o.ask("GET", "/healthz", "").status)

	n.list("identity", n.host("127.0.0.1:0", "identity").Address())
	o.measures(`pangaea_ready{check="modules"} `, "1")
	o.measures(`pangaea_concern{check="things"} `, "1")
	got := o.ask("GET", "/readyz", "")
	require.Equal(t, http.StatusOK, got.status)
	require.JSONEq(t, `{"status":"ready","concerns":{"things":"no instance is there"}}`, got.body)
}

func TestTokensAreVerifiedWithKeysThatCameTheSameWay(t *testing.T) {
	n := newTown(t)
	things, identity := n.host("127.0.0.1:0", "things"), n.host("127.0.0.1:0", "identity")
	n.list("things", things.Address())
	o := n.open(defaults)
	o.well("things")
	alice := "Bearer " + n.token("alice")
	answered := make(chan answer, 1)
	go func() { answered <- o.ask("GET", "/api/v1/mine", "", "Authorization", alice) }()
	o.measures(`gateway_waiting_requests{module="identity"} `, "1")
	n.list("identity", identity.Address()) // in time: keys are waited for no longer than 5 s
	got := <-answered
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.Contains(t, got.body, "alice")
}

func TestWhatIsSentToModulesIsMeasured(t *testing.T) {
	n := newTown(t)
	n.list("things", n.host("127.0.0.1:0", "things").Address())
	o := n.open(defaults)
	for range 3 {
		o.ask("GET", "/api/v1/things", "")
	}
	o.ask("GET", "/api/v1/things/panic", "")
	o.measures(`gateway_upstream_requests_total{module="things"} `, "4")
	o.measures(`gateway_upstream_failures_total{module="things",why="status"} `, "1")
	o.measures(`http_requests_total{method="GET",route="/api/v1/things/:id",status="500"} `, "1")
}
