package bus

import (
	"fmt"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/bus/nats"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Settings say what carries events between modules.
type Settings struct {
	URL string `env:"PANGAEA_BUS_URL" secret:"true" doc:"RabbitMQ that carries events, amqp://user:password@host:5672/vhost; empty: they stay in the process"`
}

// FromConfig provides a process with the carrier that its settings name.
var FromConfig = fx.Provide(config.Section[Settings], carrier)

func carrier(life fx.Lifecycle, settings Settings, manifest outbox.Manifest) (message.Publisher, message.Subscriber, error) {
	scheme, _, _ := strings.Cut(settings.URL, "://")
	switch scheme {
	case "":
		direct := NewDirect()
		life.Append(fx.StopHook(direct.Close)) // after all who publish: it was made before them
		return direct, direct, nil
	case "amqp", "amqps":
		broker, err := rabbitmq.New(settings.URL, rabbitmq.Options{Sources: manifest.Sources})
		if err != nil {
			return nil, nil, fmt.Errorf("PANGAEA_BUS_URL: %w", err)
		}
		life.Append(fx.StopHook(broker.Close))
		return broker, broker, nil
	case "nats", "tls":
		broker, err := nats.New(settings.URL, nats.Options{})
		if err != nil {
			return nil, nil, fmt.Errorf("PANGAEA_BUS_URL: %w", err)
		}
		life.Append(fx.StopHook(broker.Close))
		return broker, broker, nil
	}
	return nil, nil, fmt.Errorf("PANGAEA_BUS_URL names no message server that is known here: it begins with amqp:// or amqps://, or is empty")
}
