package gateway

import "sync"

// A budget lets repetitions be a part of what is asked anyway: trouble must not be multiplied.
type budget struct {
	mu   sync.Mutex
	left float64
}

const (
	share = 0.15 // of all requests, may be sent again
	saved = 20   // repetitions at most, for when many fail at once
)

func newBudget() *budget { return &budget{left: saved} }

// earn notes a request.
func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.left+share, saved)
}

// spend reports whether there is enough for one repetition, and takes it.
func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
