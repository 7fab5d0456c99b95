package knownbugs

import (
	"context"
	"hash/maphash"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A broker confirms a message when it has it and delivers it later, those of a key in order. Nothing is
// wrong with it: behind it a relay is never slowed down by who listens.
type broker struct {
	*bus.Direct
	lines [64]chan parcel
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup
}

type parcel struct {
	topic string
	m     *message.Message
}

func newBroker(testing.TB) (message.Publisher, message.Subscriber) {
	b := &broker{Direct: bus.NewDirect()}
	b.ctx, b.stop = context.WithCancel(context.Background())
	for i := range b.lines {
		b.lines[i] = make(chan parcel, 10_000) // more than any test has of one line
		b.work.Go(func() { b.deliver(b.lines[i]) })
	}
	return b, b
}

var seed = maphash.MakeSeed()

// Publish takes messages.
func (b *broker) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		m = m.Copy()
		m.SetContext(b.ctx)
		b.lines[maphash.String(seed, m.Metadata[envelope.Subject])%uint64(len(b.lines))] <- parcel{topic, m}
	}
	return nil
}

func (b *broker) deliver(line <-chan parcel) {
	for {
		select {
		case p := <-line:
			for b.Direct.Publish(p.topic, p.m) != nil && b.ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
		case <-b.ctx.Done():
			return
		}
	}
}

// Close ends the deliveries.
func (b *broker) Close() error {
	b.stop()
	b.work.Wait()
	return b.Direct.Close()
}
