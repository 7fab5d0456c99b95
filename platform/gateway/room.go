package gateway

import "sync"

// A room is where requests wait. It is bounded by their number and by what their bodies take.
type room struct {
	places int

	mu    sync.Mutex
	taken int
	bytes int64
}

const roomBytes = 64 << 20

// enter reports whether there is room for a request with a body of that size.
func (r *room) enter(size int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken >= r.places || r.bytes+size > roomBytes {
		return false
	}
	r.taken++
	r.bytes += size
	return true
}

func (r *room) leave(size int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken--
	r.bytes -= size
}
