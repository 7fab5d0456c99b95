package tasks

import (
	"context"
	"time"
)

// A Delay is how long tasks have been waiting that are due.
type Delay struct {
	Overdue time.Duration // the oldest that nobody has begun; zero if there is none
	Moved   time.Time     // when the last one ended, at first when the queue was made
	Full    bool          // as many are under way as may be
}

// Delay reports how late this queue is. What other instances have to do is theirs to report.
func (q *Queue) Delay(ctx context.Context) (Delay, error) {
	busy, d := q.busy(), Delay{}
	q.mu.Lock()
	d.Moved, d.Full = q.moved, len(q.running) >= q.policy.AtOnce
	q.mu.Unlock()
	rows, err := q.next(ctx, len(busy)+1)
	for _, r := range rows {
		if !busy[r.ID] {
			d.Overdue = max(0, time.Since(time.UnixMicro(r.DueAt)))
			break
		}
	}
	return d, err
}
