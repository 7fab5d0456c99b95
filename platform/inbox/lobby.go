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
	calls map[turnID]chan struct{} // closed when it is their turn
}

// A turnID is a number of a lane.
type turnID struct {
	lane laneID
	n    int64
}

// wait returns when this process has applied the message before, after d, or when ctx ends.
func (l *lobby) wait(ctx context.Context, label envelope.Label, d time.Duration) {
	turn := turnID{laneID{label.Source, label.Key}, label.Number}
	call := l.enter(turn)
	defer l.leave(turn, call)
	select {
	case <-call:
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (l *lobby) enter(turn turnID) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	call, known := l.calls[turn]
	if !known {
		call = make(chan struct{})
		l.calls[turn] = call
	}
	return call
}

// leave forgets a turn. The same message again, if it waits for it too, is not called any more and looks by itself.
func (l *lobby) leave(turn turnID, call chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls[turn] == call {
		delete(l.calls, turn)
	}
}

// applied calls whoever comes after a message that was applied.
func (l *lobby) applied(label envelope.Label) {
	turn := turnID{laneID{label.Source, label.Key}, label.Number + 1}
	l.mu.Lock()
	defer l.mu.Unlock()
	if call, waited := l.calls[turn]; waited {
		close(call)
		delete(l.calls, turn)
	}
}
