package tasks

import (
	"math/rand/v2"
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Policy says how a queue works. What is zero is as usual.
type Policy struct {
	Attempts int           // after as many failures a task is parked; 10
	First    time.Duration // the pause after the first failure, which doubles from there; 1 s
	Longest  time.Duration // no pause is longer; 5 min
	Timeout  time.Duration // when the context of an attempt ends; 1 min
	AtOnce   int           // how many tasks are done at a time; 8
	Grace    time.Duration // how long a stop lets tasks go on before it ends their context; 3 s
}

var standard = Policy{
	Attempts: 10, First: time.Second, Longest: 5 * time.Minute, Timeout: time.Minute, AtOnce: 8, Grace: 3 * time.Second,
}

// With makes the queue work by another policy. It is called before the start.
func (q *Queue) With(p Policy) *Queue {
	q.policy = Policy{
		Attempts: or(p.Attempts, standard.Attempts),
		First:    or(p.First, standard.First),
		Longest:  or(p.Longest, standard.Longest),
		Timeout:  or(p.Timeout, standard.Timeout),
		AtOnce:   or(p.AtOnce, standard.AtOnce),
		Grace:    or(p.Grace, standard.Grace),
	}
	return q
}

func or[T int | time.Duration](value, usual T) T {
	if value > 0 {
		return value
	}
	return usual
}

// pause is the time to wait after a failed attempt: twice the one before, and up to a quarter more, so
// that what failed together does not come back together. Who failed may ask for more.
func (p Policy) pause(attempt int, err error) time.Duration {
	pause := p.First << min(attempt-1, 20)
	pause += rand.N(pause/4 + 1)
	pause = min(pause, p.Longest)
	if f, ok := fault.As(err); ok {
		pause = max(pause, f.RetryAfter)
	}
	return pause
}
