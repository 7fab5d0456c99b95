package outbox

import (
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// Moved is when a destination last got something, or had nothing to get.
func (r *Relay) Moved(dest string) time.Time { return r.destination(dest).lastMoved() }

// Remembers is how many deliveries to a destination are in memory, until their rows are gone.
func (r *Relay) Remembers(dest string) int64 {
	n, _, _ := r.destination(dest).holds()
	return n
}

// Offer offers a delivery as after its commit.
func (r *Relay) Offer(dest, key string, n int64, m *message.Message) {
	r.destination(dest).offer(delivery{dest: dest, key: key, n: n, message: m})
}
