package orderingfx_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// TestAnOrderThatNobodyServesEndsByItsDeadline runs ordering as a process would, with nobody else there.
func TestAnOrderThatNobodyServesEndsByItsDeadline(t *testing.T) {
	var server *httpserver.Server
	var roll *module.Roll
	keys, token := authtest.New(t)
	app := fxtest.New(t, process(t, keys), orderingfx.Module, fx.Invoke(module.Work), fx.Populate(&server, &roll))
	app.RequireStart()
	defer app.RequireStop()

	placed := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/api/v1/orders", strings.NewReader(`{
		"items": [{"sku": "MUG", "quantity": 2}], "payment": {"card_token": "tok_approve"},
		"shipping_address": {"name": "Ada", "line1": "1 Main Street", "city": "London", "postal_code": "N1", "country": "GB"}
	}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "1")
	request.Header.Set("Authorization", "Bearer "+token("ada", auth.RoleCustomer))
	server.Handler().ServeHTTP(placed, request)
	require.Equal(t, http.StatusAccepted, placed.Code, placed.Body.String())

	db := roll.Members()[0].DB
	require.Eventually(t, func() bool {
		figures, err := orderingfx.Figures(t.Context(), db)
		return err == nil && len(figures) == 1 && figures[0].Status == "cancelled"
	}, 30*time.Second, 10*time.Millisecond)
	figures, err := orderingfx.Figures(t.Context(), db)
	require.NoError(t, err)
	require.Equal(t, "timed_out", figures[0].CancelReason)
	require.EqualValues(t, 3998, figures[0].Total.Amount)
	require.False(t, figures[0].Settled, "nobody has said that goods and money are back")
}

// heard is all that ordering listens to. A process whose modules listen to anything else does not start.
var heard = []string{
	"inventory.StockReserved", "inventory.StockRejected", "inventory.StockReleased",
	"payments.PaymentAuthorized", "payments.PaymentDeclined", "payments.PaymentCaptured", "payments.PaymentCaptureFailed",
	"payments.PaymentVoided", "payments.PaymentRefunded", "payments.PaymentRefundFailed",
	"shipping.ShipmentDispatched", "shipping.ShipmentDelivered", "shipping.ShipmentCancelled",
	"identity.AccountClosed",
}

// process is what a process gives its modules, and the two questions that ordering asks others.
func process(t *testing.T, keys auth.KeySource) fx.Option {
	t.Helper()
	carrier := bus.NewDirect()
	return fx.Options(
		fx.NopLogger,
		fx.Provide(
			func() database.Places { return databasetest.Places(t) },
			func() *config.Config { return config.Of(map[string]string{"PANGAEA_CHECKOUT_DEADLINE": "50ms"}) },
			func(r *prometheus.Registry) *httpserver.Server {
				return httpserver.New(httpserver.Settings{MaxBody: 1 << 20}, auth.NewVerifier(keys), r)
			},
			func() outbox.Manifest {
				manifest := outbox.Manifest{}
				manifest.Hear("ordering", heard...)
				return manifest
			},
			func() message.Publisher { return carrier },
			func() message.Subscriber { return carrier },
			func() catalog.Prices { return mugs{} },
			func() identity.Customers { return nobody{} },
			prometheus.NewRegistry,
			config.Section[module.Limits],
			module.NewRoll,
		),
	)
}

// mugs plays a catalog that sells one thing.
type mugs struct{}

func (mugs) Quote(context.Context, []string) (map[string]catalog.Quote, error) {
	return map[string]catalog.Quote{"MUG": {SKU: "MUG", Name: "Mug", Price: catalog.Money{Amount: 1999, Currency: "GBP"}}}, nil
}

// nobody plays an identity without accounts.
type nobody struct{}

func (nobody) Known(context.Context, []string) (map[string]bool, error) { return nil, nil }
