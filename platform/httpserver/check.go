package httpserver

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	checkTimeout  = 1200 * time.Millisecond             // what a check is given
	answerTimeout = checkTimeout + 100*time.Millisecond // a check that heeds its context still has its say
	goodFor       = time.Second                         // how long an answer is repeated to those who ask next
)

// A check is a condition for real work. It is asked once at a time, and its answer is good for a moment: so
// it costs next to nothing to ask often, and a check that hangs takes one goroutine and no more.
type check struct {
	name string
	run  func(context.Context) error

	mu    sync.Mutex
	began time.Time
	done  chan struct{} // closed when what began then has ended; nil at first
	ended time.Time     // zero while it is under way
	err   error
}

func newCheck(name string, run func(context.Context) error) *check {
	return &check{name: name, run: run}
}

// begin asks, unless that is being done, or was a moment ago.
func (c *check) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done != nil && (c.ended.IsZero() || time.Since(c.ended) < goodFor) {
		return
	}
	c.began, c.ended, c.done = time.Now(), time.Time{}, make(chan struct{})
	go c.ask(c.done)
}

func (c *check) ask(done chan struct{}) {
	defer close(done)
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	err := c.run(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err, c.ended = err, time.Now()
}

// answer is what the check that was begun last says. No answer in time is one as well.
func (c *check) answer() error {
	c.mu.Lock()
	began, done := c.began, c.done
	c.mu.Unlock()
	late := time.NewTimer(time.Until(began.Add(answerTimeout)))
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
	select {
	case <-done:
	default:
		return fmt.Errorf("no answer for %s", time.Since(began).Round(100*time.Millisecond))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
