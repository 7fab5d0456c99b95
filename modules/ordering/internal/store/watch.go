package store

import "sync"

// watched are the orders somebody looks at live, in this process.
type watched struct {
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool
}

// Watch returns a channel that gets a value after the order changed, until stop is called. Values are
// hints: one may stand for several changes, and changes made by another process give none.
func (s *Orders) Watch(id string) (changed <-chan struct{}, stop func()) {
	w, hint := s.watched, make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		w.waiting = map[string]map[chan struct{}]bool{}
	}
	if w.waiting[id] == nil {
		w.waiting[id] = map[chan struct{}]bool{}
	}
	w.waiting[id][hint] = true
	return hint, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(w.waiting[id], hint); len(w.waiting[id]) == 0 {
			delete(w.waiting, id)
		}
	}
}

func (w *watched) changed(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for hint := range w.waiting[id] {
		select {
		case hint <- struct{}{}:
		default: // there is a hint already
		}
	}
}
