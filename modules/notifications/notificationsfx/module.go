// Package notificationsfx wires the notifications module together. Only main packages import it.
package notificationsfx

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/fx"

	notificationssql "github.com/pangaea-shop/pangaea/migrations/notifications"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/mail"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/store"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/web"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Module is all of notifications. It hears what concerns customers and announces nothing.
var Module = fx.Module("notifications",
	module.Parts("notifications", notificationssql.Files),
	fx.Provide(
		fx.Private,
		config.Section[Settings],
		func() func() time.Time { return func() time.Time { return time.Now().UTC() } },
		fx.Annotate(store.NewNotices, fx.As(fx.Self()), fx.As(new(notice.Repository))),
		func(queue *tasks.Queue) notice.Bag { return queue },
		newMailer,
		notice.NewPost,
		notice.NewWriter,
		web.NewNotifications,
	),
	fx.Invoke(connect),
)

// Settings are what an operator may decide about notifications.
type Settings struct {
	SMTP string `env:"PANGAEA_SMTP_URL" secret:"true" doc:"mail server, such as smtp://user:password@mail.example.org:587; empty: notifications are shown and not e-mailed"`
	From string `env:"PANGAEA_SMTP_FROM" default:"Pangaea <shop@pangaea.example>" doc:"sender of e-mails"`
}

// connect is the whole list of how the world reaches notifications: its routes, the events it listens to,
// and the e-mails it owes.
func connect(api huma.API, events *bus.Events, queue *tasks.Queue, inbox *web.Notifications, writer *notice.Writer, post *notice.Post) error {
	inbox.Mount(api)
	queue.Handle(notice.TaskEmail, post.Deliver)
	queue.Handle(notice.TaskErase, writer.Erase)
	return events.Listen(
		bus.On(writer.AccountRegistered),
		bus.On(writer.AccountClosed),
		bus.On(writer.OrderConfirmed),
		bus.On(writer.OrderPaid),
		bus.On(writer.OrderCancelled),
		bus.On(writer.OrderCompleted),
		bus.On(writer.CancellationRefused),
		bus.On(writer.ShipmentDispatched),
		bus.On(writer.PaymentRefunded),
		bus.On(writer.PaymentRefundFailed),
	)
}

// newMailer returns nil where there is no mail server.
func newMailer(settings Settings) (notice.Mailer, error) {
	if settings.SMTP == "" {
		return nil, nil
	}
	return mail.NewSender(settings.SMTP, settings.From)
}
