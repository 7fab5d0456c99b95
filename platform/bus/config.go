package bus

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/bus/nats"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// settings say what carries events between modules.
type settings struct {
	URL string `env:"PANGAEA_BUS_URL" secret:"true" doc:"message server that carries events, amqp://user:password@host:5672/vhost (RabbitMQ) or nats://user:password@host:4222; empty: they stay in the process"`
}

// ownSettings say it for one module, where it signs in as somebody of its own.
type ownSettings struct {
	URL string `env:"PANGAEA_<MODULE>_BUS_URL" secret:"true" doc:"the same for what the module itself says and hears; empty: as PANGAEA_BUS_URL says"`
}

// Addresses are the URLs of what carries the events of modules.
type Addresses struct {
	shared string
	own    map[string]string // of those that have one, by module
}

// AddressesOf finds them in the settings, for all modules that say or hear something.
func AddressesOf(c *config.Config, manifest outbox.Manifest) (Addresses, error) {
	all, err := config.Section[settings](c)
	a := Addresses{all.URL, map[string]string{}}
	for _, module := range manifest.Modules() {
		if err != nil {
			return a, err
		}
		var own ownSettings
		if own, err = config.SectionOf[ownSettings](c, database.Schema(module)); own.URL != "" {
			a.own[module] = own.URL
		}
	}
	return a, err
}

// Of is the URL for a module, "" if its events stay in the process.
func (a Addresses) Of(module string) string { return cmp.Or(a.own[module], a.shared) }

// Leave reports whether any events leave the process.
func (a Addresses) Leave() bool { return a.shared != "" || len(a.own) > 0 }

// setting is the name of the setting that is a module's URL.
func (a Addresses) setting(module string) string {
	if a.own[module] == "" {
		return "PANGAEA_BUS_URL"
	}
	return ownSetting(module)
}

func ownSetting(module string) string {
	return "PANGAEA_" + strings.ToUpper(database.Schema(module)) + "_BUS_URL"
}

// FromConfig provides a process with the carrier that its settings name, or with several, of which each module has
// the one that is for it.
var FromConfig = fx.Provide(AddressesOf, carrierOf, Relaying)

// Relaying is how outboxes are relayed to these addresses. A message server confirms many events at a time: with 64
// under way to each of its destinations a relay mostly waits.
func Relaying(addresses Addresses) outbox.RelayOptions {
	if addresses.Leave() {
		return outbox.RelayOptions{InFlight: 256}
	}
	return outbox.RelayOptions{}
}

func carrierOf(life fx.Lifecycle, addresses Addresses, manifest outbox.Manifest) (message.Publisher, message.Subscriber, error) {
	if len(addresses.own) == 0 {
		c, err := addresses.open(life, "", manifest)
		return c, c, err
	}
	s, opened := &switchboard{lines: map[string]carrier{}}, map[string]carrier{}
	for _, module := range manifest.Modules() {
		url := addresses.Of(module)
		if url == "" {
			continue // perhaps it is in another process
		}
		if opened[url] == nil {
			var err error
			if opened[url], err = addresses.open(life, module, manifest); err != nil {
				return nil, nil, err
			}
		}
		s.lines[module] = opened[url]
	}
	return s, s, nil
}

// A carrier is both ends of what carries events.
type carrier interface {
	message.Publisher
	message.Subscriber
}

// open returns a carrier for a module, which is closed after all who publish: it was made before them.
func (a Addresses) open(life fx.Lifecycle, module string, manifest outbox.Manifest) (c carrier, err error) {
	url := a.Of(module)
	scheme, _, _ := strings.Cut(url, "://")
	switch scheme {
	case "":
		c = NewDirect()
	case "amqp", "amqps":
		c, err = rabbitmq.New(url, rabbitmq.Options{Sources: manifest.Sources})
	case "nats", "tls":
		c, err = nats.New(url, nats.Options{})
	default:
		err = errors.New("it names no message server that is known here: it begins with amqp://, amqps://, nats:// or tls://, or is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.setting(module), err)
	}
	life.Append(fx.StopHook(c.Close))
	return c, nil
}
