package outbox

import "time"

// Moved is when a destination last got something, or had nothing to get.
func (r *Relay) Moved(dest string) time.Time { return r.destination(dest).lastMoved() }
