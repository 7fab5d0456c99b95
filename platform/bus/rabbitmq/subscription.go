package rabbitmq

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// A subscription hands out what comes for one module.
type subscription struct {
	link    *link
	options Options
	topic   string
	out     chan *message.Message
	open    context.Context // the carrier's: what was handed out can be answered until it ends
	leaving *sync.WaitGroup // channels whose messages are still being answered
}

// run listens until ctx ends, again after every interruption.
func (s *subscription) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.open, cancel)()
	defer close(s.out)
	for failures := 0; ctx.Err() == nil; failures++ {
		began := time.Now()
		err := s.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > s.options.Declare {
			failures = 0
		}
		if failures == 1 { // once is no more than a cut
			slog.WarnContext(ctx, "nothing can be heard over RabbitMQ", "module", s.topic, "error", err)
		}
		rest(ctx, min(pause<<min(failures, 4), 2*time.Second))
	}
}

var errEnded = errors.New("RabbitMQ ended the subscription")

// listen hands out deliveries until ctx or the channel ends.
func (s *subscription) listen(ctx context.Context) error {
	if err := s.declare(); err != nil {
		return err
	}
	_, ch, err := s.link.channel()
	if err != nil {
		return err
	}
	e := &ear{subscription: s, ch: ch}
	defer s.leaving.Go(e.leave)
	lost := ch.NotifyClose(make(chan *amqp.Error, 1))
	if err := e.consume(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	missed := make(chan error, 1)
	s.leaving.Go(func() { missed <- s.watch(ctx) })
	for err == nil {
		select {
		case d, ok := <-e.fresh:
			err = e.hand(ctx, d, ok)
		case d, ok := <-e.dead:
			err = e.hand(ctx, d, ok)
		case err = <-missed:
		case cause, told := <-lost:
			if err = errEnded; told {
				err = cause
			}
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return err
}

// watch renews what the module needs to hear until ctx ends or something is gone: beside hearing, as a broker that is
// busy takes its time for it.
func (s *subscription) watch(ctx context.Context) error {
	for {
		if rest(ctx, s.options.Declare); ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.renew(); err != nil {
			return err
		}
	}
}

// An ear is a channel on which a subscription hears.
type ear struct {
	*subscription
	ch          *amqp.Channel
	fresh, dead <-chan amqp.Delivery
	unanswered  sync.WaitGroup
}

// consume has the broker deliver what there is, and what it had given up.
func (e *ear) consume() (err error) {
	if err = e.ch.Qos(e.options.Prefetch, 0, false); err != nil {
		return err
	}
	fresh, dead := e.options.names().queue(e.topic), e.options.names().dead(e.topic)
	if e.fresh, err = e.ch.Consume(fresh, fresh, false, false, false, false, nil); err != nil {
		return err
	}
	e.dead, err = e.ch.Consume(dead, dead, false, false, false, false, nil)
	return err
}

// hand hands out what came, if it is a delivery: when a queue is deleted or a channel ends, something comes that is none.
func (e *ear) hand(ctx context.Context, d amqp.Delivery, ok bool) error {
	if !ok {
		return errEnded
	}
	m := unsealed(&d)
	of, answered := context.WithCancel(e.open)
	m.SetContext(of)
	select {
	case e.out <- m:
		e.unanswered.Go(func() {
			defer answered()
			e.answer(of, &d, m)
		})
		return nil
	case <-ctx.Done():
		answered()
		_ = d.Nack(false, true)
		return ctx.Err()
	}
}

// leave gives back what was not handed out, and waits for the answers to what was.
func (e *ear) leave() {
	for tag, rest := range map[string]<-chan amqp.Delivery{e.options.names().queue(e.topic): e.fresh, e.options.names().dead(e.topic): e.dead} {
		if rest == nil || e.ch.Cancel(tag, false) != nil {
			continue
		}
		for d := range rest {
			_ = d.Nack(false, true)
		}
	}
	e.unanswered.Wait()
	_ = closed(e.ch)
}

// answer passes on what a message was answered. One that was refused goes back, to whichever instance, after a
// pause that grows: it is not the message that is wrong, but the database that cannot even note that it is.
func (e *ear) answer(ctx context.Context, d *amqp.Delivery, m *message.Message) {
	var err error
	select {
	case <-m.Acked():
		err = d.Ack(false)
	case <-m.Nacked():
		before, _ := d.Headers["x-delivery-count"].(int64)
		rest(ctx, min(pause/4<<min(before, 10), 5*time.Second))
		err = d.Nack(false, true)
	case <-ctx.Done():
		return
	}
	if err != nil && ctx.Err() == nil { // it comes again, and is known by then
		slog.DebugContext(ctx, "an answer did not reach RabbitMQ", "module", e.topic, "message", m.UUID, "error", err)
	}
}

// declare declares what the module needs to hear.
func (s *subscription) declare() error {
	return s.aside(func(n names, ch *amqp.Channel) error {
		if err := n.declareQueues(ch, s.topic); err != nil {
			return err
		}
		return n.bind(ch, s.topic, s.options.Sources(s.topic))
	})
}

// renew binds the queues again, and fails where one is gone. It makes none: RabbitMQ takes a subscription whose queue
// is deleted for one to another queue, if that has the name so soon, and mislays what it delivers from there.
func (s *subscription) renew() error {
	return s.aside(func(n names, ch *amqp.Channel) error {
		if err := n.missed(ch, s.topic); err != nil {
			return err
		}
		return n.bind(ch, s.topic, s.options.Sources(s.topic))
	})
}

// aside does something on a channel of its own: one on which something fails is closed.
func (s *subscription) aside(do func(names, *amqp.Channel) error) error {
	_, ch, err := s.link.channel()
	if err != nil {
		return err
	}
	return errors.Join(do(s.options.names(), ch), closed(ch))
}

// rest waits for so long, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
