package outbox

import (
	"math/rand/v2"
	"time"
)

// backoff doubles from first up to most with the number of failures, and varies so that nobody marches in step.
func backoff(failures int, first, most time.Duration) time.Duration {
	d := most
	if failures < 16 {
		d = min(most, first<<(failures-1))
	}
	return d/2 + rand.N(d)
}
