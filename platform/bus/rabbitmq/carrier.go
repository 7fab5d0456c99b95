// Package rabbitmq carries messages between processes over RabbitMQ.
//
//	source ─▶ direct exchange <source>.events ─▶ quorum queue <destination> ─▶ every instance of the destination in turn
//
// Publish returns nil when the broker has the message on the disks of its quorum, and an error where it reached no
// queue. A message is delivered again unless it was acknowledged: after a Nack not at once, and after very many in
// vain from a queue of its own. There is no order: outbox and inbox have that, and tell repeated messages apart.
//
// A module declares its own exchange and its own queue, and binds the queue to the exchanges of those it hears, at
// the start, after every interruption and every few seconds: what somebody deletes comes back. What is another's it
// leaves to them, and waits for an exchange that is not there. So a broker's user can be one module with no more
// rights than that (Options.Rights), and a message that came through another's exchange than it says is refused. A
// carrier that has lost the broker fails to publish, and goes on when it is back.
//
// It is on amqp091-go instead of Watermill's own adapter, which confirms what reached no queue, hands on empty
// messages when a connection ends, and delivers from a quorum queue nothing a second time.
package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// Options are how a carrier works. Zero values are replaced by what suits a running shop.
type Options struct {
	Sources  func(destination string) []string // the modules that a module hears; its queue is bound to their exchanges
	Prefix   string                            // before all names, where a virtual host has to be shared
	Prefetch int                               // messages that a subscription has taken and not answered; 512
	// Deliveries are how often a message that is not acknowledged is delivered before it goes to a queue of its own;
	// 10,000: with the pauses between them that takes a database that is gone for half a day.
	Deliveries int
	Declare    time.Duration // how often a subscription declares what it needs; 5 s
	Confirm    time.Duration // how long a confirmation is waited for; 30 s
}

func (o Options) withDefaults() Options {
	if o.Sources == nil {
		o.Sources = func(string) []string { return nil }
	}
	if o.Prefetch == 0 {
		o.Prefetch = 512
	}
	if o.Deliveries == 0 {
		o.Deliveries = 10_000
	}
	if o.Declare == 0 {
		o.Declare = 5 * time.Second
	}
	if o.Confirm == 0 {
		o.Confirm = 30 * time.Second
	}
	return o
}

// A Carrier publishes and subscribes, each over a connection of its own: the broker stops reading from one that
// publishes when it is short of memory, and acknowledgements must not wait for that.
type Carrier struct {
	options    Options
	publishing *link
	listening  *link
	open       context.Context // ends with Close
	end        context.CancelFunc
	subscribed sync.WaitGroup

	mu         sync.Mutex
	publishers map[string]*publisher // by source
}

// New returns a carrier for the broker at a URL such as amqp://user:password@host:5672/vhost, or amqps:// with
// cacertfile, certfile, keyfile and server_name_indication as parameters. It connects when it is used.
func New(url string, options Options) (*Carrier, error) {
	user, err := check(url)
	if err != nil {
		return nil, err
	}
	c := &Carrier{
		options:    options.withDefaults(),
		publishing: &link{url: url, user: user, purpose: "publishing"},
		listening:  &link{url: url, user: user, purpose: "listening"},
		publishers: map[string]*publisher{},
	}
	c.open, c.end = context.WithCancel(context.Background())
	return c, nil
}

var errClosed = errors.New("the carrier of messages is closed")

// Publish sends messages, each to the queue of the module that the topic names, until one fails. What fails may
// have arrived all the same.
func (c *Carrier) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		if c.open.Err() != nil {
			return errClosed
		}
		if err := c.publisher(m.Metadata[envelope.Source]).publish(c.open, topic, m); err != nil {
			return fmt.Errorf("publish message %s to %s: %w", m.UUID, topic, err)
		}
	}
	return nil
}

// Introduce declares what a module speaks through, so that others can listen before it has said anything. While the
// broker is gone that is left for when it speaks; what the broker does not allow is an error.
func (c *Carrier) Introduce(module string) error {
	if c.open.Err() != nil {
		return errClosed
	}
	if err := c.listening.aside(c.options.mouth(module).declare); forbidden(err) {
		return fmt.Errorf("%s cannot speak: %w", module, err)
	}
	return nil
}

func (c *Carrier) publisher(source string) *publisher {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.publishers[source]
	if !ok {
		p = &publisher{link: c.publishing, options: c.options, source: source}
		c.publishers[source] = p
	}
	return p
}

// Subscribe returns the messages for the module that the topic names, until ctx ends or the carrier is closed. Those
// handed out by then can still be answered until it is closed. While the broker is gone there are none; what it does
// not allow is an error.
func (c *Carrier) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if c.open.Err() != nil {
		return nil, errClosed
	}
	s := &subscription{link: c.listening, options: c.options, topic: topic, out: make(chan *message.Message), open: c.open, leaving: &c.subscribed}
	if _, err := s.prepare(); forbidden(err) {
		return nil, fmt.Errorf("%s cannot listen: %w", topic, err)
	}
	c.subscribed.Go(func() { s.run(ctx) })
	return s.out, nil
}

// Close gives up what is under way: what is not confirmed fails, what is not acknowledged is delivered again.
func (c *Carrier) Close() error {
	c.end()
	c.subscribed.Wait()
	return errors.Join(c.publishing.close(), c.listening.close())
}
