package bustest

import (
	"context"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Parts are what modules are joined with. Those that are nil are the platform's own. Others are for seeing
// a test fail: see package knownbugs.
type Parts struct {
	Carrier  Carrier
	Relay    func(*database.DB, *outbox.Outbox, message.Publisher) Relay
	Ears     func(testing.TB, Ears) Ears // makes others of ours
	Patience time.Duration               // how long is waited for what should happen at once; a minute
}

// A Carrier makes a carrier of its own for a test. Both are closed when the test ends.
type Carrier func(t testing.TB) (message.Publisher, message.Subscriber)

// A Relay delivers what is pending in a module's outbox.
type Relay interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Ears are what a module hears with.
type Ears struct {
	Subscriber message.Subscriber
	Inbox      *database.DB // where the inbox notes what was handled
	Handlers   []Handler
}

// A Handler is what a module does when it hears an event.
type Handler = cqrs.GroupEventHandler

func (p Parts) withDefaults() Parts {
	if p.Relay == nil {
		p.Relay = ownRelay(outbox.RelayOptions{Poll: 20 * time.Millisecond})
	}
	if p.Ears == nil {
		p.Ears = func(_ testing.TB, ours Ears) Ears { return ours }
	}
	if p.Patience == 0 {
		p.Patience = time.Minute
	}
	return p
}

func ownRelay(options outbox.RelayOptions) func(*database.DB, *outbox.Outbox, message.Publisher) Relay {
	return func(_ *database.DB, o *outbox.Outbox, publisher message.Publisher) Relay {
		return outbox.NewRelay(o, publisher, options)
	}
}
