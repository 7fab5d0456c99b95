package nats

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// A subscription hands out what comes for one module.
type subscription struct {
	link    *link
	options Options
	topic   string
	out     chan *message.Message
	open    context.Context // the carrier's: what was handed out can be answered until it ends
	leaving *sync.WaitGroup // ears whose messages are still being answered
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
			slog.WarnContext(ctx, "nothing can be heard over NATS", "module", s.topic, "error", err)
		}
		rest(ctx, min(pause<<min(failures, 4), 2*time.Second))
	}
}

// listen hands out messages until ctx or the connection ends, or what it needs is gone.
func (s *subscription) listen(ctx context.Context) error {
	conn, consumer, err := s.declare(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer context.AfterFunc(conn.lost, func() { cancel(context.Cause(conn.lost)) })()
	e := &ear{
		subscription: s, consumer: consumer,
		room: make(chan struct{}, s.options.Prefetch), taken: make(chan *message.Message, s.options.Prefetch),
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return s.watch(ctx) })
	parts.Go(func() error { return e.take(ctx) })
	parts.Go(func() error { return e.hand(ctx) })
	err = parts.Wait()
	cancel(nil)
	s.leaving.Go(e.leave)
	return err
}

// watch renews what the module needs to hear, until ctx ends or it is gone.
func (s *subscription) watch(ctx context.Context) error {
	for {
		if rest(ctx, s.options.Declare); ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := s.ask(ctx, func(ctx context.Context, js jetstream.JetStream) error {
			return s.options.renew(ctx, js, s.topic)
		}); err != nil {
			return err
		}
	}
}

// declare declares what the module needs to hear.
func (s *subscription) declare(ctx context.Context) (conn *connection, consumer jetstream.Consumer, err error) {
	conn, err = s.ask(ctx, func(ctx context.Context, js jetstream.JetStream) (err error) {
		consumer, err = s.options.declare(ctx, js, s.topic)
		return err
	})
	return conn, consumer, err
}

// ask asks something of the server, for as long as one waits to be connected.
func (s *subscription) ask(ctx context.Context, question func(context.Context, jetstream.JetStream) error) (*connection, error) {
	conn, err := s.link.connection()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialing)
	defer cancel()
	if err = question(ctx, conn.streams); err != nil {
		err = conn.blame(err)
	}
	return conn, err
}

// An ear is what a subscription hears with, until an interruption.
type ear struct {
	*subscription
	consumer   jetstream.Consumer
	room       chan struct{}         // taken by every message that is not answered
	taken      chan *message.Message // and not handed out
	unanswered sync.WaitGroup
}

// take asks for as many messages as there is room for, again and again, until ctx ends or there is nobody to ask.
func (e *ear) take(ctx context.Context) error {
	for {
		n := e.reserve(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		asking, cancel := context.WithTimeout(ctx, e.options.Declare)
		batch, err := e.consumer.Fetch(n, jetstream.FetchContext(asking))
		if err == nil {
			for raw := range batch.Messages() {
				e.receive(raw)
				n--
			}
			err = batch.Error()
		}
		over := asking.Err() != nil // and nothing to complain of
		cancel()
		for range n {
			<-e.room
		}
		if err != nil && !over {
			return err
		}
	}
}

// reserve takes all the room that is left, when there is some, and returns how much that is.
func (e *ear) reserve(ctx context.Context) (n int) {
	select {
	case e.room <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for n = 1; ; n++ {
		select {
		case e.room <- struct{}{}:
		default:
			return n
		}
	}
}

// receive takes care of a message until it is answered.
func (e *ear) receive(raw jetstream.Msg) {
	m := unsealed(raw)
	of, answered := context.WithCancel(e.open)
	m.SetContext(of)
	e.unanswered.Go(func() {
		defer func() { <-e.room }()
		defer answered()
		e.answer(of, raw, m)
	})
	e.taken <- m
}

// hand hands out what was taken, in turn, until ctx ends.
func (e *ear) hand(ctx context.Context) error {
	for {
		select {
		case m := <-e.taken:
			select {
			case e.out <- m:
			case <-ctx.Done():
				m.Nack()
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leave gives back what was not handed out, and waits for the answers to what was.
func (e *ear) leave() {
	for len(e.taken) > 0 {
		(<-e.taken).Nack()
	}
	e.unanswered.Wait()
}

// answer passes on what a message was answered, and until then that it is being worked on. One that was refused comes
// again, to whichever instance, after a pause that grows: it is not the message that is wrong, but the database that
// cannot even note that it is. It takes its room until then, or all of a backlog would be refused in turn.
func (e *ear) answer(ctx context.Context, raw jetstream.Msg, m *message.Message) {
	news := time.NewTicker(e.options.Silence / 3)
	defer news.Stop()
	var err error
	for answered := false; !answered; {
		answered = true
		select {
		case <-m.Acked():
			err = raw.Ack()
		case <-m.Nacked():
			again := after(raw)
			err = raw.NakWithDelay(again)
			rest(ctx, again)
		case <-ctx.Done():
			err = raw.Nak()
		case <-news.C:
			answered = false
			_ = raw.InProgress() // or it comes again
		}
	}
	if err != nil && ctx.Err() == nil { // it comes again, and is known by then
		slog.DebugContext(ctx, "an answer did not reach NATS", "module", e.topic, "message", m.UUID, "error", err)
	}
}

// after is how long a message that was refused waits.
func after(raw jetstream.Msg) time.Duration {
	var before uint64
	if meta, err := raw.Metadata(); err == nil {
		before = meta.NumDelivered - 1
	}
	return min(pause/4<<min(before, 10), 5*time.Second)
}

// rest waits for so long, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
