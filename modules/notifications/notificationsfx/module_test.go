package notificationsfx

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/bus"
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
	t.Helper()
	t.Setenv("PANGAEA_HTTP_ADDR", "127.0.0.1:0")
	t.Setenv("PANGAEA_LOG_LEVEL", "error")
	t.Setenv("PANGAEA_DATA_DIR", t.TempDir())
	keys, _ := authtest.New(t)
	manifest := outbox.Manifest{}
	manifest.Hear("notifications", heard...)
	return fx.Options(
		app.Base,
		fx.Provide(
			func() auth.KeySource { return keys },
			func() outbox.Manifest { return manifest },
			func() (message.Publisher, message.Subscriber) { d := bus.NewDirect(); return d, d },
		),
	)
}

func TestTheModuleStartsWithAndWithoutAMailServer(t *testing.T) {
	for _, server := range []string{"", "smtp://ada:canary@127.0.0.1:2525"} {
		t.Setenv("PANGAEA_SMTP_URL", server)
		running := fxtest.New(t, process(t), Module)
		running.RequireStart()
		running.RequireStop()
	}
}

func TestAWrongMailServerStopsTheStart(t *testing.T) {
	t.Setenv("PANGAEA_SMTP_URL", "canary.example.org")
	err := fx.New(process(t), Module).Err()
	require.ErrorContains(t, err, "PANGAEA_SMTP_URL")
	require.NotContains(t, err.Error(), "canary")
}
