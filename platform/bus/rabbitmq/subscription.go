package rabbitmq

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/pangaea-shop/pangaea/platform/envelope"
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
	absent, err := s.prepare()
	if err != nil {
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
	s.leaving.Go(func() { missed <- s.watch(ctx, absent) })
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
// busy takes its time for it. Sources that are absent may just be starting: they are looked for more often at first.
func (s *subscription) watch(ctx context.Context, absent []string) (err error) {
	var told []string
	for looks := 0; ; looks++ {
		wait := s.options.Declare
		if len(absent) > 0 {
			wait = min(wait, pause<<min(looks, 8))
		}
		if rest(ctx, wait); ctx.Err() != nil {
			return ctx.Err()
		}
		if err = s.link.aside(s.own().renew); err == nil {
			absent, err = s.bind()
		}
		if err != nil {
			return err
		}
		if len(absent) == 0 {
			looks = 0
		} else if wait == s.options.Declare && !slices.Equal(absent, told) {
			told = absent
			slog.WarnContext(ctx, "there is nothing in RabbitMQ to hear somebody through: it comes when they start, or with pangaea bus prepare", "module", s.topic, "absent", absent)
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
	fresh, dead := e.options.queue(e.topic), e.options.dead(e.topic)
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
	if why := e.options.doubt(e.topic, &d); why != "" {
		m.Metadata[envelope.Refused] = why
		slog.ErrorContext(ctx, "a message is not what it says", "module", e.topic, "message", m.UUID, "user", d.UserId, "reason", why)
	}
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
	for tag, rest := range map[string]<-chan amqp.Delivery{e.options.queue(e.topic): e.fresh, e.options.dead(e.topic): e.dead} {
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

// own is what the module has in the broker itself.
func (s *subscription) own() Layout { return s.options.mouth(s.topic).and(s.options.ears(s.topic)) }

// prepare makes what the module has, and has it hear all but those who are absent.
func (s *subscription) prepare() (absent []string, err error) {
	if err := s.link.aside(s.own().declare); err != nil {
		return nil, err
	}
	return s.bind()
}

// bind binds the module's queue to what the sources publish to, and returns those that have not made it: it is theirs
// to make.
func (s *subscription) bind() (absent []string, err error) {
	for _, source := range s.options.Sources(s.topic) {
		switch err := s.link.aside(s.options.hearing(s.topic, source).declare); {
		case said(err, amqp.NotFound):
			absent = append(absent, source)
		case err != nil:
			return nil, err
		}
	}
	return absent, nil
}

// rest waits for so long, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
