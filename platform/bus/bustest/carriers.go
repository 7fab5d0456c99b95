package bustest

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/ThreeDotsLabs/watermill/message"
)

// A storm confirms messages at once, as a broker does, and delivers each two to five times, in any order
// within a window, which it first lets fill. It loses nothing: what fails it delivers again.
type storm struct {
	message.Publisher
	dice *rand.Rand

	mu      sync.Mutex
	held    []blown
	wake    *sync.Cond
	last    bool // there will be no more: deliver the rest
	closed  bool
	workers sync.WaitGroup
	copies  atomic.Int64
}

type blown struct {
	topic string
	m     *message.Message
}

const stormWindow = 100

func newStorm(inner message.Publisher, seed uint64) *storm {
	s := &storm{Publisher: inner, dice: rand.New(rand.NewPCG(seed, seed))}
	s.wake = sync.NewCond(&s.mu)
	for range 32 {
		s.workers.Go(s.blow)
	}
	return s
}

// Publish takes messages.
func (s *storm) Publish(topic string, messages ...*message.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		for range 2 + s.dice.IntN(4) {
			s.held = append(s.held, blown{topic, m})
			s.copies.Add(1)
		}
	}
	s.wake.Broadcast()
	return nil
}

func (s *storm) blow() {
	for {
		b, ok := s.any()
		if !ok {
			return
		}
		if err := s.Publisher.Publish(b.topic, b.m.Copy()); err != nil {
			s.mu.Lock()
			s.held = append(s.held, b)
			s.wake.Broadcast()
			s.mu.Unlock()
		}
	}
}

// any takes one of the window.
func (s *storm) any() (blown, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.closed && (len(s.held) == 0 || len(s.held) < stormWindow && !s.last) {
		s.wake.Wait()
	}
	if s.closed {
		return blown{}, false
	}
	i := s.dice.IntN(min(len(s.held), stormWindow))
	b := s.held[i]
	s.held[i] = s.held[0]
	s.held = s.held[1:]
	return b, true
}

// blowOut delivers the rest.
func (s *storm) blowOut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = true
	s.wake.Broadcast()
}

// end stops the storm.
func (s *storm) end() {
	s.mu.Lock()
	s.closed = true
	s.wake.Broadcast()
	s.mu.Unlock()
	s.workers.Wait()
}

// A forgetful carrier delivers, and says of some messages that it did not.
type forgetful struct {
	message.Publisher
	n, forgotten atomic.Int64
}

// Publish delivers.
func (f *forgetful) Publish(topic string, messages ...*message.Message) error {
	err := f.Publisher.Publish(topic, messages...)
	if err == nil && f.n.Add(1)%3 == 0 {
		f.forgotten.Add(1)
		return errors.New("confirmation lost")
	}
	return err
}

// A hanging carrier delivers, and for one message in so many does not come back until it is given up.
type hanging struct {
	message.Publisher
	n, hung atomic.Int64
}

// Publish delivers.
func (h *hanging) Publish(topic string, messages ...*message.Message) error {
	if err := h.Publisher.Publish(topic, messages...); err != nil || h.n.Add(1)%5 != 0 {
		return err
	}
	h.hung.Add(1)
	ctx := messages[0].Context()
	<-ctx.Done()
	return ctx.Err()
}
