package bustest

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// lags are the times from an event's commit to that of its effect.
type lags struct {
	mu   sync.Mutex
	half map[instant]time.Time // of which only one was heard of
	took []time.Duration
}

type instant struct {
	key     string
	version int
}

// committed is told of an event after its commit, applied after that of its effect, in any order.
func (l *lags) committed(key string, version int) {
	l.meet(instant{key, version}, func(time.Time) time.Duration { return 0 })
}

func (l *lags) applied(key string, version int) { l.meet(instant{key, version}, time.Since) }

// meet notes how long it took when both are known.
func (l *lags) meet(i instant, since func(other time.Time) time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.half == nil {
		l.half = map[instant]time.Time{}
	}
	other, ok := l.half[i]
	if !ok {
		l.half[i] = time.Now()
		return
	}
	delete(l.half, i)
	l.took = append(l.took, since(other))
}

// String gives the median and the 99th percentile.
func (l *lags) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.took) == 0 {
		return "not known"
	}
	slices.Sort(l.took)
	at := func(percent int) time.Duration { return l.took[len(l.took)*percent/100].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %s, p99 %s", at(50), at(99))
}

// watchMemory returns what ends the watch and says how much the heap was at most.
func watchMemory() func() uint64 {
	quit, most := make(chan struct{}), make(chan uint64)
	go func() {
		var heap uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap = max(heap, m.HeapAlloc)
			select {
			case <-time.After(250 * time.Millisecond):
			case <-quit:
				most <- heap
				return
			}
		}
	}()
	return func() uint64 {
		close(quit)
		return <-most
	}
}
