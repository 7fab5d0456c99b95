// Package announce tells the world how much there is.
//
// A level that changes is only marked; an announcer tells the latest levels a moment later, at an even
// pace. So an order of 600 products makes no 600 events in its own transaction, a product that sells a
// hundred times a second is announced four times a second, and a burst of orders is not slowed down by
// telling about itself: nothing but the number beside a product depends on this event.
package announce

import (
	"context"
	"log/slog"
	"time"
)

// The pace: how often levels are announced, and how many at a time.
const (
	every  = 250 * time.Millisecond
	atOnce = 100
)

// Levels know which of them changed.
type Levels interface {
	// Announce tells the latest of up to limit levels that changed, and returns how many it found.
	Announce(ctx context.Context, limit int) (int, error)
}

// An Announcer announces levels. Several may do so for the same levels.
type Announcer struct {
	levels Levels
	stop   context.CancelFunc
	done   chan struct{}
}

// New returns an announcer of levels that is not at work yet.
func New(levels Levels) *Announcer { return &Announcer{levels: levels} }

// Start begins to announce.
func (a *Announcer) Start() {
	var ctx context.Context
	ctx, a.stop = context.WithCancel(context.Background())
	a.done = make(chan struct{})
	go func() {
		defer close(a.done)
		a.run(ctx)
	}()
}

// Stop returns when the announcer is at rest. What it did not get to is announced after the next start.
func (a *Announcer) Stop() {
	a.stop()
	<-a.done
}

func (a *Announcer) run(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := a.levels.Announce(ctx, atOnce); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "stock levels are not announced, trying again", "module", "inventory", "error", err)
		}
	}
}
