// Package inbox makes a message count once and in its turn, whatever carries it and however often.
//
// There is one row per lane, which is all messages of one key from one source: the number of the last
// message handled, changed in the transaction of the handler's effect.
//
//	number = last+1   apply: row, effect and the handler's own events are one unit of work
//	number ≤ last     it was handled: acknowledge, change nothing
//	number > last+1   wait a moment for its predecessor; then keep it as a row, acknowledge, apply it after that
//
// A message whose handler fails is kept as well, acknowledged, tried again with back-off and parked
// after the last attempt as a dead letter for an operator. Those after it in its lane wait behind it;
// other lanes go on. So nothing is ever sent back to what carries the messages, except while our own
// database cannot be written.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// Options are how an inbox tries again. Zero values are replaced by what suits a running shop.
type Options struct {
	Attempts int                             // before a message is parked; 10
	Backoff  func(attempt int) time.Duration // after that many attempts; 1 s … 5 min
	Poll     time.Duration                   // how often it looks for what is due; 250 ms

	// Patience is how long a message waits in memory for its predecessor, time and again, before it is kept; 25, 75 and
	// 200 ms, an empty one not at all. Where several processes hear the same source, the predecessor is about to be
	// applied by another one (docs/decisions/0038).
	Patience []time.Duration
}

func (o Options) withDefaults() Options {
	if o.Attempts == 0 {
		o.Attempts = 10
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	if o.Poll == 0 {
		o.Poll = 250 * time.Millisecond
	}
	if o.Patience == nil {
		o.Patience = []time.Duration{25 * time.Millisecond, 75 * time.Millisecond, 200 * time.Millisecond}
	}
	return o
}

// backoff doubles from a second to five minutes, and varies so that nobody marches in step.
func backoff(attempt int) time.Duration {
	d := 5 * time.Minute
	if attempt < 10 {
		d = min(d, time.Second<<(attempt-1))
	}
	return d + rand.N(d/4)
}

// An Inbox belongs to one module.
type Inbox struct {
	db      *database.DB
	options Options
	watch   watch
	lobby   lobby

	handle message.HandlerFunc
	ready  chan struct{} // closed when handle is set
	once   sync.Once

	wake    chan struct{}   // look for everything that is kept
	working context.Context // ends when nothing more is to be begun
	quit    context.CancelFunc
	running sync.WaitGroup
}

// New returns the inbox of db's module.
func New(db *database.DB, options Options) *Inbox {
	working, quit := context.WithCancel(context.Background())
	return &Inbox{
		db:      db,
		options: options.withDefaults(),
		watch:   newWatch(db.Name()),
		lobby:   lobby{calls: map[turnID]*call{}},
		ready:   make(chan struct{}),
		wake:    make(chan struct{}, 1),
		working: working,
		quit:    quit,
	}
}

// Middleware puts the inbox in front of a module's handler, in the manner of Watermill's router. The
// handler runs inside a unit of work; messages that it returns are an error, events go to the outbox.
func (i *Inbox) Middleware(next message.HandlerFunc) message.HandlerFunc {
	i.once.Do(func() {
		i.handle = next
		close(i.ready)
	})
	return func(m *message.Message) ([]*message.Message, error) { return nil, i.receive(m) }
}

// receive returns nil when the message is applied, known or kept: then it may be acknowledged.
func (i *Inbox) receive(m *message.Message) error {
	label, err := envelope.Read(m)
	if err != nil {
		return i.note(m.Context(), strange(m, label), m, Hopeless(err))
	}
	v, failure, err := i.inTime(m, label)
	switch {
	case failure != nil:
		return i.note(context.WithoutCancel(m.Context()), label, m, failure)
	case err != nil:
		return err
	}
	i.watch.count(v)
	if v == inTurn || v == inTurnOthersWait {
		i.lobby.applied(turnOf(label))
	}
	if v == inTurnOthersWait {
		i.follow(m.Context(), laneID{label.Source, label.Key})
	}
	return nil
}

// inTime applies a message or keeps it, or neither where it is known. One that may be applied soon waits for that.
func (i *Inbox) inTime(m *message.Message, label envelope.Label) (v verdict, failure, err error) {
	call := i.lobby.enter(turnOf(label))
	defer i.lobby.leave(turnOf(label), call)
	for patience := i.options.Patience; ; patience = patience[1:] {
		v, failure, err = i.try(m, label, len(patience) > 0)
		if v != soon {
			return v, failure, err
		}
		i.watch.early.Inc()
		call.wait(m.Context(), patience[0])
		i.watch.early.Dec()
	}
}

// try applies a message or keeps it, or neither where it is known or, for the patient, may be applied soon.
func (i *Inbox) try(m *message.Message, label envelope.Label, patient bool) (v verdict, failure, err error) {
	failure, err = i.attempt(m.Context(), laneID{label.Source, label.Key}, func(_ context.Context, tx *gorm.DB) (*message.Message, error) {
		var err error
		switch v, err = take(tx, label, patient); {
		case err != nil || v == known || v == soon:
			return nil, err
		case v == early:
			return nil, keep(tx, label, m, i.db.Instance())
		}
		return m, nil
	})
	if failure != nil || err != nil {
		v = known
	}
	return v, failure, err
}

// attempt runs one unit of work of a lane: choose finds the message to apply, or none. It tells the handler's
// own failure apart from that of the database, which is nobody's attempt.
func (i *Inbox) attempt(ctx context.Context, lane laneID, choose func(context.Context, *gorm.DB) (*message.Message, error)) (failure, err error) {
	err = i.db.Do(database.Placed(ctx, lane.key), func(ctx context.Context, tx *gorm.DB) error {
		failure = nil
		m, err := choose(ctx, tx)
		if err != nil || m == nil {
			return err
		}
		if failure = i.apply(ctx, m); failure != nil {
			failure = &outcome{failure}
		}
		return failure
	})
	if failure != nil && errors.Is(err, failure) {
		return failure, nil
	}
	return nil, err
}

// An outcome is a handler's failure, and no other error.
type outcome struct{ error }

func (o *outcome) Unwrap() error { return o.error }

// apply runs the handler. A panic is a failure like any other.
func (i *Inbox) apply(ctx context.Context, m *message.Message) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v (%s)", r, culprit())
		}
	}()
	again := m.Copy() // what was acknowledged once cannot be told apart a second time
	again.SetContext(envelope.Context(ctx, m))
	produced, err := i.handle(again)
	if err == nil && len(produced) > 0 {
		return Hopeless(errors.New("the handler returned messages: announce events with the outbox"))
	}
	return err
}

// culprit is the place that panicked.
func culprit() string {
	calls := make([]uintptr, 32)
	frames := runtime.CallersFrames(calls[:runtime.Callers(2, calls)])
	for panicked := false; ; {
		frame, more := frames.Next()
		if panicked && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf("%s, %s:%d", frame.Function, filepath.Base(frame.File), frame.Line)
		}
		if panicked = panicked || frame.Function == "runtime.gopanic"; !more {
			return "unknown place"
		}
	}
}

// follow applies what is kept in a lane, one after the other, until something fails or is missing, or the inbox stops.
func (i *Inbox) follow(ctx context.Context, id laneID) {
	for i.working.Err() == nil {
		more, err := i.applyKept(ctx, id)
		if err != nil {
			slog.WarnContext(ctx, "kept messages have to wait", "module", i.db.Name(), "source", id.source, "key", id.key, "error", err)
		}
		if err != nil || !more {
			return
		}
	}
}

// applyKept applies the first kept message of a lane, if its turn has come, and reports whether there are more.
func (i *Inbox) applyKept(ctx context.Context, id laneID) (more bool, err error) {
	var row messageRow
	var m *message.Message
	failure, err := i.attempt(ctx, id, func(_ context.Context, tx *gorm.DB) (_ *message.Message, err error) {
		if row, m, more, err = takeKept(tx, id, time.Now()); err != nil {
			return nil, err
		}
		return m, nil
	})
	switch {
	case failure != nil:
		return false, i.note(context.WithoutCancel(ctx), row.label(), m, failure)
	case err != nil || m == nil:
		return false, err
	}
	i.watch.applied.Inc()
	i.lobby.applied(turnOf(row.label()))
	return more, nil
}
