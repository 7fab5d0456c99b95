package web

import (
	"sync"
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// How many live streams one process serves.
const (
	streamsAtMost   = 1000
	streamsOfCaller = 10
)

// streams counts the live streams, so that they cannot use up the process.
type streams struct {
	mu       sync.Mutex
	open     int
	byCaller map[string]int
}

func newStreams() *streams {
	return &streams{byCaller: map[string]int{}}
}

// enter counts a stream in, until leave is called.
func (s *streams) enter(caller string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= streamsAtMost {
		return nil, fault.New(fault.Unavailable, "too many are watching their orders: read the order instead").
			After(10 * time.Second)
	}
	if s.byCaller[caller] >= streamsOfCaller {
		return nil, fault.New(fault.TooMany, "you have %d live streams open: close one first", streamsOfCaller).
			After(10 * time.Second)
	}
	s.open++
	s.byCaller[caller]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.byCaller[caller]--; s.byCaller[caller] == 0 {
			delete(s.byCaller, caller)
		}
	}, nil
}
