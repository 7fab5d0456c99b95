package outbox

import "time"

// while is for how long a recent id is known, and up to twice as long. Whoever is not run by a busy system for longer
// has an event delivered once more.
const while = time.Second

// A recent is ids that were noted a moment ago.
type recent struct {
	now, before map[string]struct{}
	began       time.Time // what is noted now
}

func (r *recent) note(ids []string) {
	if time.Since(r.began) > while {
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
