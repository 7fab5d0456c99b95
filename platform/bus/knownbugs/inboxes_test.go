package knownbugs

import (
	"context"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// acknowledgeFirst says of every message that it has arrived, and then hands it to the inbox.
func acknowledgeFirst(_ testing.TB, ears bustest.Ears) bustest.Ears {
	ears.Subscriber = hasty{ears.Subscriber}
	return ears
}

type hasty struct{ message.Subscriber }

func (s hasty) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	in, err := s.Subscriber.Subscribe(ctx, topic)
	if err != nil {
		return nil, err
	}
	out := make(chan *message.Message)
	go func() {
		defer close(out)
		for m := range in {
			own := m.Copy()
			own.SetContext(context.WithoutCancel(m.Context()))
			m.Ack()
			out <- own
		}
	}()
	return out, nil
}

// effectLast has the handlers do their work in a unit of work of their own, when the inbox has committed
// that the message was handled.
func effectLast(_ testing.TB, ears bustest.Ears) bustest.Ears {
	return instead(ears, func(ctx context.Context, h bustest.Handler, event any) error {
		database.AfterCommit(ctx, func() {
			_ = ears.Inbox.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error { return h.Handle(ctx, event) })
		})
		return nil
	})
}

// effectFirst has the handlers commit their work by themselves, and the inbox after that, in a database of
// its own.
func effectFirst(t testing.TB, ears bustest.Ears) bustest.Ears {
	ears.Inbox = databasetest.Open(t, ears.Inbox.Name(), nil)
	return instead(ears, func(_ context.Context, h bustest.Handler, event any) error {
		return h.Handle(context.Background(), event)
	})
}

// instead has handle called in the place of every handler.
func instead(ears bustest.Ears, handle func(ctx context.Context, h bustest.Handler, event any) error) bustest.Ears {
	own := make([]bustest.Handler, len(ears.Handlers))
	for i, h := range ears.Handlers {
		own[i] = handler{h, handle}
	}
	ears.Handlers = own
	return ears
}

type handler struct {
	bustest.Handler
	handle func(ctx context.Context, h bustest.Handler, event any) error
}

func (h handler) Handle(ctx context.Context, event any) error { return h.handle(ctx, h.Handler, event) }
