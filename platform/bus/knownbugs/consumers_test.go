package knownbugs

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// twoConsumers has two instances of a module take what the broker hands them next, of which the second is slow: it is
// done when the first has overtaken it, or nothing more comes. There is no order but the broker's: what is done first
// comes first.
func twoConsumers(_ testing.TB, ears bustest.Ears) bustest.Ears {
	ears.Subscriber = &pair{Subscriber: ears.Subscriber, done: map[lane][]string{}}
	return ears
}

type pair struct {
	message.Subscriber
	mu   sync.Mutex
	done map[lane][]string // the messages of each, in the order in which they were
}

type lane struct{ source, key string }

func (p *pair) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	out := make(chan *message.Message)
	var consumers sync.WaitGroup
	overtaken := make(chan struct{})
	works := []func(m *message.Message){
		func(m *message.Message) {
			p.number(m)
			select {
			case overtaken <- struct{}{}:
			default:
			}
		},
		func(m *message.Message) {
			select {
			case <-overtaken:
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
			}
			p.number(m)
		},
	}
	for _, work := range works {
		in, err := p.Subscriber.Subscribe(ctx, topic)
		if err != nil {
			return nil, err
		}
		consumers.Go(func() {
			for m := range in {
				work(m)
				out <- m
			}
		})
	}
	go func() {
		consumers.Wait()
		close(out)
	}()
	return out, nil
}

// number gives a message that was done the next number of its lane, and one that comes again the one that it had.
func (p *pair) number(m *message.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := lane{m.Metadata[envelope.Source], m.Metadata[envelope.Subject]}
	if !slices.Contains(p.done[l], m.UUID) {
		p.done[l] = append(p.done[l], m.UUID)
	}
	m.Metadata[envelope.Number] = strconv.Itoa(slices.Index(p.done[l], m.UUID) + 1)
}
