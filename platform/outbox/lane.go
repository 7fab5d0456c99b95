package outbox

import "slices"

// A lane is the pending deliveries of one key, by number.
type lane struct {
	key      string
	queue    []delivery // the first one may be on its way
	failures int        // of the first one
	stuck    bool       // the first one fails again and again, and is the only one in memory
	cut      bool       // the table has more of the lane than memory took: nothing is taken but from there
	low      bool       // it is to be looked at
}

// insert keeps the lane in order. Commits are heard of in any order; what is on its way already stays first.
func (l *lane) insert(x delivery) {
	i := len(l.queue)
	for i > 1 && l.queue[i-1].n > x.n {
		i--
	}
	l.queue = slices.Insert(l.queue, i, x)
}
