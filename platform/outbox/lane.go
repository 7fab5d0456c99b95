package outbox

import "slices"

// A lane is the pending deliveries of one key, by number.
type lane struct {
	key      string
	queue    []delivery
	away     bool // the first one is on its way
	failures int  // of the first one
	stuck    bool // the first one fails again and again, and is the only one in memory
	cut      bool // the table has more of the lane than memory took: nothing is taken but from there
	low      bool // it is to be looked at
}

// insert keeps the lane in order. Commits are heard of in any order; what is on its way already stays first, and so does
// what failed before.
func (l *lane) insert(x delivery) {
	first := 0
	if l.away || l.failures > 0 {
		first = 1
	}
	i := len(l.queue)
	for i > first && l.queue[i-1].n > x.n {
		i--
	}
	l.queue = slices.Insert(l.queue, i, x)
}
