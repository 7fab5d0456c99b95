package outbox

import "time"

// remembered is for how long an id is recent: at least so long, and until others are noted. Whoever is not run by a busy
// system for longer has an event delivered once more.
const remembered = time.Second

// A recent is ids that were noted a moment ago.
type recent struct {
	now, before map[string]struct{}
	began       time.Time // what is noted now
}

func (r *recent) note(ids []string) {
	if time.Since(r.began) > remembered {
		r.now, r.before, r.began = map[string]struct{}{}, r.now, time.Now()
	}
	for _, id := range ids {
		r.now[id] = struct{}{}
	}
}

func (r *recent) has(id string) bool {
	_, now := r.now[id]
	_, before := r.before[id]
	return now || before
}
