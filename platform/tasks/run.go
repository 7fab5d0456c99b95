package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"sync"
	"time"
)

// safetyNet is how often the queue looks without being told to.
const safetyNet = time.Second

// Start begins to do tasks, also those that a former process left.
func (q *Queue) Start(context.Context) error {
	q.db.Owned("tasks", q.nudge)
	ctx, cancel := context.WithCancel(context.Background()) // of the handlers: outlives the start
	looking, quit := context.WithCancel(ctx)
	r := &runner{q: q, ctx: ctx, free: make(chan struct{}, q.policy.AtOnce)}
	r.busy.Go(func() { r.look(looking) })
	q.stop = func(patience context.Context) error {
		defer cancel()
		quit()
		idle := make(chan struct{})
		go func() { r.busy.Wait(); close(idle) }()
		defer time.AfterFunc(q.policy.Grace, cancel).Stop() // who is cut off is begun again after the next start
		select {
		case <-idle:
			return nil
		case <-patience.Done():
			return fmt.Errorf("tasks of %s still under way, they run again after the next start: %w", q.db.Name(), patience.Err())
		}
	}
	return nil
}

// Stop begins no further task and waits for those under way: as long as the policy grants for them to
// end, then for as long as ctx allows for them to notice that their own context has ended.
func (q *Queue) Stop(ctx context.Context) error {
	if q.stop == nil {
		return nil
	}
	return q.stop(ctx)
}

// A runner does the tasks of a started queue.
type runner struct {
	q    *Queue
	ctx  context.Context // of the handlers
	free chan struct{}   // holds a token per task under way
	busy sync.WaitGroup
}

// resting is for how much longer than the last look took there is no other, up to the safety net: a look that the
// database kept waiting says nothing of what looking costs. Every task that ends nudges, and where many are due each
// look reads many: without rests that took a core.
const resting = 4

// look begins what is due and waits for the next that is, or for a nudge.
func (r *runner) look(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var rested time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.q.wake:
		case <-timer.C:
		}
		began := time.Now()
		if rest := rested.Sub(began); rest > 0 {
			timer.Reset(rest)
			continue
		}
		next := r.begin(ctx)
		rested = time.Now().Add(min(resting*time.Since(began), safetyNet))
		timer.Reset(next)
	}
}

// begin begins as many due tasks as there is room for, and returns when to look again.
func (r *runner) begin(ctx context.Context) time.Duration {
	busy := r.q.busy()                                // before reading: who ends meanwhile may be read as it was
	rows, err := r.q.next(ctx, 2*r.q.policy.AtOnce+1) // at most AtOnce of them are under way
	if err != nil {
		if ctx.Err() == nil {
			slog.ErrorContext(ctx, "tasks cannot be read", "module", r.q.db.Name(), "error", err)
		}
		return safetyNet
	}
	for _, row := range rows {
		if wait := time.Until(time.UnixMicro(row.DueAt)); wait > 0 {
			return min(wait, safetyNet)
		}
		if busy[row.ID] {
			continue
		}
		select {
		case r.free <- struct{}{}:
			r.q.claim(row.ID)
			r.busy.Go(func() { r.do(row) })
		default: // full: who ends nudges
			return safetyNet
		}
	}
	return safetyNet
}

// busy returns the tasks under way.
func (q *Queue) busy() map[string]bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.running)
}

func (q *Queue) claim(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[id] = true
}

func (q *Queue) release(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, id)
	q.moved = time.Now()
}

// do does one task and keeps what became of it.
func (r *runner) do(row row) {
	defer func() {
		r.q.release(row.ID)
		<-r.free
		r.q.nudge()
	}()
	err := r.attempt(row.task())
	if r.ctx.Err() != nil {
		return // cut off, and not to blame for it
	}
	log := slog.With("module", r.q.db.Name(), "kind", row.Kind, "key", row.Key, "attempt", row.Failures+1)
	last := isPermanent(err) || row.Failures+1 >= r.q.policy.Attempts
	switch {
	case err != nil && last:
		log.Error("task parked", "error", err)
	case err != nil:
		log.Warn("task will be tried again", "error", err)
	}
	r.keep(log, func() error {
		if err != nil {
			return r.q.failed(r.ctx, row, err, last)
		}
		return r.q.done(r.ctx, row)
	})
}

// keep writes until it succeeds: a task that was done must not be done again because of a full disk.
func (r *runner) keep(log *slog.Logger, write func() error) {
	for {
		err := write()
		if err == nil || r.ctx.Err() != nil {
			return
		}
		log.Error("the outcome of a task cannot be written yet", "error", err)
		select {
		case <-time.After(safetyNet):
		case <-r.ctx.Done():
			return
		}
	}
}

// attempt calls the handler. One that panics has failed.
func (r *runner) attempt(t Task) (err error) {
	do, known := r.q.handlers[t.Kind]
	if !known {
		return Permanent(fmt.Errorf("nothing handles tasks of kind %q", t.Kind))
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.q.policy.Timeout)
	defer cancel()
	returned := make(chan error, 1)
	go func() { // of its own, so that it can end in any way
		outcome := errors.New("the handler ended its goroutine")
		defer func() {
			if p := recover(); p != nil {
				outcome = fmt.Errorf("the handler panicked: %v\n%s", p, debug.Stack())
			}
			returned <- outcome
		}()
		outcome = do(ctx, t)
	}()
	return <-returned
}
