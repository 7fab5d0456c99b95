package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
)

// Direct carries messages within one process. Publish hands a message to a subscriber of its topic and
// returns nil only when that one has acknowledged it. It keeps nothing: without a subscriber, after a
// Nack, and when the subscription or Direct ends before the answer, Publish fails, and whoever keeps the
// message brings it again.
//
// Subscribers of one topic take turns. There is no order and no limit to what is under way at once: the
// outbox has both.
type Direct struct {
	mu            sync.Mutex
	subscriptions map[string][]*subscription // by topic; the first is next
	closed        bool
	open          sync.WaitGroup
}

// NewDirect returns a carrier for one process.
func NewDirect() *Direct { return &Direct{subscriptions: map[string][]*subscription{}} }

// A subscription is an output channel and those about to send on it.
type subscription struct {
	ctx     context.Context
	cancel  context.CancelFunc
	out     chan *message.Message
	senders sync.WaitGroup
}

var errEnded = errors.New("the subscription ended before the message was acknowledged")

// Publish delivers messages, one after the other, until one fails.
func (d *Direct) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		s, err := d.next(topic)
		if err != nil {
			return err
		}
		err = s.deliver(m)
		s.senders.Done()
		if err != nil {
			return fmt.Errorf("deliver message %s to %s: %w", m.UUID, topic, err)
		}
	}
	return nil
}

// next is the subscription whose turn it is. The caller is one of its senders until it says Done.
func (d *Direct) next(topic string) (*subscription, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.subscriptions[topic]
	switch {
	case d.closed:
		return nil, errors.New("the carrier of messages is closed")
	case len(list) == 0:
		return nil, fmt.Errorf("nobody in this process is subscribed to %s", topic)
	}
	s := list[0]
	copy(list, list[1:])
	list[len(list)-1] = s
	s.senders.Add(1)
	return s, nil
}

// deliver returns nil when the message was acknowledged.
func (s *subscription) deliver(m *message.Message) error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	own := m.Copy()
	own.SetContext(ctx)
	select {
	case s.out <- own:
	case <-s.ctx.Done():
		return errEnded
	case <-m.Context().Done():
		return context.Cause(m.Context())
	}
	select {
	case <-own.Acked():
		return nil
	case <-own.Nacked():
		return errors.New("the subscriber refused the message")
	case <-s.ctx.Done():
		return errEnded
	case <-m.Context().Done():
		return context.Cause(m.Context())
	}
}

// Subscribe returns the messages of a topic. The channel is closed when ctx ends or Direct is closed.
// The next message does not wait for the acknowledgement of the one before.
func (d *Direct) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errors.New("the carrier of messages is closed")
	}
	s := &subscription{out: make(chan *message.Message)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	d.subscriptions[topic] = append(d.subscriptions[topic], s)
	d.open.Go(func() {
		<-s.ctx.Done()
		d.remove(topic, s)
		s.senders.Wait()
		close(s.out)
	})
	return s.out, nil
}

func (d *Direct) remove(topic string, gone *subscription) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var rest []*subscription
	for _, s := range d.subscriptions[topic] {
		if s != gone {
			rest = append(rest, s)
		}
	}
	d.subscriptions[topic] = rest
}

// Close ends all subscriptions. What is not acknowledged by now fails.
func (d *Direct) Close() error {
	d.mu.Lock()
	d.closed = true
	for _, list := range d.subscriptions {
		for _, s := range list {
			s.cancel()
		}
	}
	d.mu.Unlock()
	d.open.Wait()
	return nil
}
