package shop_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogfx"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogrpc"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/identityfx"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/rpc"
)

// A service is a process of a part of the shop.
type service struct {
	http *httpserver.Server
	grpc *rpc.Server
}

// begin starts one that finds others in the directory, and whose events nobody hears.
func begin(t *testing.T, directory discovery.Static, parts ...fx.Option) (s service) {
	t.Helper()
	settings := map[string]string{
		"PANGAEA_DATA_DIR": t.TempDir(), "PANGAEA_LOG_LEVEL": "error",
		"PANGAEA_HTTP_ADDR": "127.0.0.1:0", "PANGAEA_GRPC_ADDR": "127.0.0.1:0",
		"PANGAEA_STAFF_EMAIL": "boss@example.org", "PANGAEA_STAFF_PASSWORD": "correct horse battery",
	}
	running := fxtest.New(t, app.Base, bus.FromConfig,
		fx.Provide(
			contracts.Subscriptions,
			func(keys identity.Keys) auth.KeySource { return keys },
			func() discovery.Directory { return directory },
		),
		fx.Replace(config.Of(settings)), fx.Options(parts...), fx.Populate(&s.http, &s.grpc))
	running.RequireStart()
	t.Cleanup(running.RequireStop)
	return s
}

// post sends a body and returns the answer's.
func (s service) post(t *testing.T, path, token, body string, want int) map[string]any {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	maps.Copy(r.Header, http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {uuid.NewString()}})
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.http.Handler().ServeHTTP(w, r)
	require.Equal(t, want, w.Code, w.Body)
	var answer map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	return answer
}

// Whose token it is, who has an account and what something costs is asked of other processes.
func TestAnOrderIsPlacedAcrossProcesses(t *testing.T) {
	directory := discovery.Static{}
	enter := func(module string, s service) {
		directory[module] = map[discovery.Protocol][]string{discovery.GRPC: {s.grpc.Address()}}
	}
	accounts := begin(t, directory, identityfx.Module, identityrpc.Server)
	enter("identity", accounts)
	enter("catalog", begin(t, directory, catalogfx.Module, catalogrpc.Server, identityrpc.Client))
	orders := begin(t, directory, orderingfx.Module, catalogrpc.Client, identityrpc.Client)

	customer := accounts.post(t, "/api/v1/accounts", "", `{"email":"ada@example.org","password":"correct horse battery","name":"Ada"}`, http.StatusCreated)["id"].(string)
	staff := accounts.post(t, "/api/v1/tokens", "", `{"email":"boss@example.org","password":"correct horse battery"}`, http.StatusOK)["access_token"].(string)
	order := func(customer, sku string) string {
		return `{"customer_id":"` + customer + `","items":[{"sku":"` + sku + `","quantity":2}],"payment":{"card_token":"tok_approve"},` +
			`"shipping_address":{"name":"Ada","line1":"1 High Street","city":"London","postal_code":"N1 1AA","country":"GB"}}`
	}

	placed := orders.post(t, "/api/v1/orders", staff, order(customer, "MUG-HARBOUR"), http.StatusAccepted)
	require.Equal(t, map[string]any{"amount": 2900.0, "currency": "GBP"}, placed["total"])

	orders.post(t, "/api/v1/orders", "nonsense", order(customer, "MUG-HARBOUR"), http.StatusUnauthorized)
	refused := orders.post(t, "/api/v1/orders", staff, order("nobody", "MUG-HARBOUR"), http.StatusUnprocessableEntity)
	require.Contains(t, refused["detail"], "customer_id is no account")
	refused = orders.post(t, "/api/v1/orders", staff, order(customer, "GHOST"), http.StatusUnprocessableEntity)
	require.Equal(t, "urn:pangaea:problem:not-on-sale", refused["type"])
}
