package bus

import (
	"errors"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/config"
)

// Settings say what carries events between modules.
type Settings struct {
	URL string `env:"PANGAEA_BUS_URL" secret:"true" doc:"message server that carries events; empty: they stay in the process"`
}

// FromConfig provides a process with the carrier that its settings name.
var FromConfig = fx.Provide(config.Section[Settings], carrier)

func carrier(life fx.Lifecycle, settings Settings) (message.Publisher, message.Subscriber, error) {
	if settings.URL != "" {
		return nil, nil, errors.New("PANGAEA_BUS_URL names a message server, and this build carries events in process only: leave it empty")
	}
	direct := NewDirect()
	life.Append(fx.StopHook(direct.Close)) // after all who publish: it was made before them
	return direct, direct, nil
}
