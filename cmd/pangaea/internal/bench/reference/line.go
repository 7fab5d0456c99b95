package reference

import (
	"sync"
	"sync/atomic"
)

// A unit is what would be a transaction if it came alone.
type unit struct {
	run  func(writer) error
	done func(error) // after the commit
}

// A writer takes what a unit changes.
type writer interface {
	write(s statement, values ...any) error
	// draw is a write that returns a number, which is there when the group is committed.
	draw(into *int64, s statement, values ...any) error
}

// A line is where units wait. Whoever waits while a commit is under way shares the next one.
type line struct {
	mu      sync.Mutex
	waiting []unit
	more    chan struct{}
	quit    chan struct{}
	writers sync.WaitGroup

	units, groups atomic.Int64
}

func newLine() *line { return &line{more: make(chan struct{}, 1), quit: make(chan struct{})} }

// do runs a unit with whatever else is waiting, and says when that is durable.
func (l *line) do(run func(writer) error, done func(error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, unit{run, done})
	l.nudge()
}

func (l *line) nudge() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// open has a writer commit groups until the line is closed.
func (l *line) open(commit func([]unit) error) {
	l.writers.Go(func() {
		for {
			select {
			case <-l.more:
			case <-l.quit:
				return
			}
			for group := l.gather(); len(group) > 0; group = l.gather() {
				err := commit(group)
				for _, u := range group {
					u.done(err)
				}
			}
		}
	})
}

// close ends the writers after the groups under way.
func (l *line) close() {
	close(l.quit)
	l.writers.Wait()
}

// most is how many units share a commit.
const most = 500

func (l *line) gather() []unit {
	l.mu.Lock()
	defer l.mu.Unlock()
	group := l.waiting[:min(len(l.waiting), most)]
	l.waiting = l.waiting[len(group):]
	l.units.Add(int64(len(group)))
	l.groups.Add(int64(min(len(group), 1)))
	return group
}
