package notificationsfx

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// heard is what notifications listens to: a new line is a new coupling.
var heard = []string{
	"identity.AccountClosed",
	"identity.AccountRegistered",
	"ordering.CancellationRefused",
	"ordering.OrderCancelled",
	"ordering.OrderCompleted",
	"ordering.OrderConfirmed",
	"ordering.OrderPaid",
	"payments.PaymentRefundFailed",
	"payments.PaymentRefunded",
	"shipping.ShipmentDispatched",
}

// process is what a process gives its modules.
func process(t *testing.T) fx.Option {
	keys, _ := authtest.New(t)
	carrier := bus.NewDirect()
	manifest := outbox.Manifest{}
	manifest.Hear("notifications", heard...)
	dir := t.TempDir()
	return fx.Options(
		fx.NopLogger,
		fx.Provide(
			config.Load,
			func() (*database.Folder, error) { return database.LockDir(dir) },
			func(r *prometheus.Registry) *httpserver.Server {
				return httpserver.New(httpserver.Settings{MaxBody: 1 << 20}, auth.NewVerifier(keys), r)
			},
			func() outbox.Manifest { return manifest },
			func() message.Publisher { return carrier },
			func() message.Subscriber { return carrier },
			prometheus.NewRegistry,
		),
		fx.Invoke(func(life fx.Lifecycle, folder *database.Folder) { life.Append(fx.StopHook(folder.Close)) }),
	)
}

func TestTheModuleStartsWithAndWithoutAMailServer(t *testing.T) {
	for _, server := range []string{"", "smtp://ada:canary@127.0.0.1:2525"} {
		t.Setenv("PANGAEA_SMTP_URL", server)
		app := fxtest.New(t, process(t), Module)
		app.RequireStart()
		app.RequireStop()
	}
}

func TestAWrongMailServerStopsTheStart(t *testing.T) {
	t.Setenv("PANGAEA_SMTP_URL", "canary.example.org")
	app := fx.New(process(t), Module, fx.StartTimeout(time.Second))
	require.ErrorContains(t, app.Err(), "PANGAEA_SMTP_URL")
	require.NotContains(t, app.Err().Error(), "canary")
}
