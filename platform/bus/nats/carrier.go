// Package nats carries messages between processes over NATS JetStream.
//
//	source ─▶ subject of the destination ─▶ stream of its own ─▶ durable consumer ─▶ every instance of it in turn
//
// Publish returns nil when the server has the message in a stream, and an error where no stream takes it. A stream
// keeps a message until it is acknowledged: a consumer that is gone, or has never been there, loses nothing. What is
// not acknowledged is delivered again, after a Nack not at once, and as often as it takes. There is no order: outbox
// and inbox have that, and tell repeated messages apart. The server is not asked to do so: what an operator has
// replayed a minute after it was published would be taken for a repetition, and confirmed without arriving.
//
// Whoever listens declares its stream and its consumer, at the start and after every interruption, and looks every few
// seconds whether they are there: what somebody deletes comes back. A carrier that has lost the server fails to publish, and goes on when it is back.
package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Options are how a carrier works. Zero values are replaced by what suits a running shop.
type Options struct {
	Prefix   string // before the names of all subjects and streams; "pangaea"
	Prefetch int    // messages that a subscription has taken and not answered; 512
	// Silence is how long the server waits for news of a message before it delivers it again, to another instance if
	// there is one; 5 s. While it is being handled there is news; when a process is killed there is none.
	Silence time.Duration
	Declare time.Duration // how often a subscription looks for what it needs; 5 s
	Confirm time.Duration // how long a confirmation is waited for; 30 s
}

func (o Options) withDefaults() Options {
	if o.Prefix == "" {
		o.Prefix = "pangaea"
	}
	if o.Prefetch == 0 {
		o.Prefetch = 512
	}
	if o.Silence == 0 {
		o.Silence = 5 * time.Second
	}
	if o.Declare == 0 {
		o.Declare = 5 * time.Second
	}
	if o.Confirm == 0 {
		o.Confirm = 30 * time.Second
	}
	return o
}

// A Carrier publishes and subscribes over one connection.
type Carrier struct {
	options    Options
	link       *link
	open       context.Context // ends with Close
	end        context.CancelFunc
	subscribed sync.WaitGroup
}

// New returns a carrier for the server at a URL such as nats://user:password@host:4222, or tls:// with cacertfile,
// certfile, keyfile and server_name_indication as parameters. Those of a cluster are separated by commas. It connects
// when it is used.
func New(url string, options Options) (*Carrier, error) {
	link, err := newLink(url)
	if err != nil {
		return nil, err
	}
	c := &Carrier{options: options.withDefaults(), link: link}
	c.open, c.end = context.WithCancel(context.Background())
	return c, nil
}

var errClosed = errors.New("the carrier of messages is closed")

// Publish sends messages, each to the stream of the module that the topic names, until one fails. What fails may have
// arrived all the same.
func (c *Carrier) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		if c.open.Err() != nil {
			return errClosed
		}
		if err := c.publish(topic, m); err != nil {
			return fmt.Errorf("publish message %s to %s: %w", m.UUID, topic, err)
		}
	}
	return nil
}

// publish returns nil when the server has stored the message.
func (c *Carrier) publish(topic string, m *message.Message) error {
	conn, err := c.link.connection()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(m.Context(), c.options.Confirm, fmt.Errorf("NATS has not confirmed it for %s", c.options.Confirm))
	defer cancel()
	ctx, giveUp := context.WithCancelCause(ctx)
	defer context.AfterFunc(c.open, func() { giveUp(errClosed) })()
	// Relays repeat what failed. That the right stream has it counts, as others may take messages of any subject.
	_, err = conn.streams.PublishMsg(ctx, sealed(c.options.subject(topic), m),
		jetstream.WithRetryAttempts(0), jetstream.WithExpectStream(c.options.stream(topic)))
	switch {
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return fmt.Errorf("it reached no stream: there is none for %s", c.options.subject(topic))
	case err != nil && ctx.Err() != nil:
		return conn.blame(context.Cause(ctx))
	case errors.Is(err, nats.ErrConnectionClosed):
		return errors.New("the connection to NATS ended before it was confirmed")
	}
	return err
}

// Subscribe returns the messages for the module that the topic names, until ctx ends or the carrier is closed. Those
// handed out by then can still be answered until it is closed. While the server is gone there are none; what it does
// not allow is an error.
func (c *Carrier) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if c.open.Err() != nil {
		return nil, errClosed
	}
	s := &subscription{link: c.link, options: c.options, topic: topic, out: make(chan *message.Message), open: c.open, leaving: &c.subscribed}
	if _, _, err := s.declare(ctx); forbidden(err) {
		return nil, fmt.Errorf("%s cannot listen: %w", topic, err)
	}
	c.subscribed.Go(func() { s.run(ctx) })
	return s.out, nil
}

// Close gives up what is under way: what is not confirmed fails, what is not acknowledged is delivered again.
func (c *Carrier) Close() error {
	c.end()
	c.subscribed.Wait()
	c.link.close()
	return nil
}
