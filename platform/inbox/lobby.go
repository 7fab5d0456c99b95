package inbox

import (
	"context"
	"sync"
	"time"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A lobby is where messages wait in memory for their turn.
type lobby struct {
	mu    sync.Mutex
	calls map[turnID]*call
}

// A turnID is a number of a lane.
type turnID struct {
	lane laneID
	n    int64
}

func turnOf(l envelope.Label) turnID { return turnID{laneID{l.Source, l.Key}, l.Number} }

// A call is for those whose turn it is: more than one where a message came again.
type call struct {
	came   chan struct{} // closed when this process has applied the message before
	guests int
}

// enter is for who may have to wait. Whoever enters before finding that out misses no call.
func (l *lobby) enter(id turnID) *call {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, known := l.calls[id]
	if !known {
		c = &call{came: make(chan struct{})}
		l.calls[id] = c
	}
	c.guests++
	return c
}

// leave is for who waits no longer.
func (l *lobby) leave(id turnID, c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.guests--; c.guests == 0 && l.calls[id] == c {
		delete(l.calls, id)
	}
}

// applied calls those who come after a message that was applied.
func (l *lobby) applied(id turnID) {
	id.n++
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, waited := l.calls[id]; waited {
		close(c.came)
		delete(l.calls, id)
	}
}

// wait returns when the call has come, after d, or when ctx ends.
func (c *call) wait(ctx context.Context, d time.Duration) {
	select {
	case <-c.came:
	case <-time.After(d):
	case <-ctx.Done():
	}
}
