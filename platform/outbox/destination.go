package outbox

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"
)

// How much of a destination's pending rows memory takes.
const (
	windowSize = 1024 // in all
	laneDepth  = 64   // of one lane, so that a busy key leaves room for others
)

// A destination is a module that hears of us, with those of its pending deliveries that are in memory.
type destination struct {
	name  string
	relay *Relay

	mu      sync.Mutex
	lanes   map[string]*lane
	ready   []*lane             // those whose first delivery may be published now
	held    map[string]struct{} // ids of events in memory, until their deliveries' rows are gone
	behind  bool                // the table has more than memory took: nothing is taken but from there
	reserve int                 // when behind, so many left in memory ask for more
	seen    *sighting           // while the table is being read

	workers   int
	failures  int       // publishes in a row
	delivered time.Time // when it last got something, at first when it was made
	stopped   bool
}

// A lane is the pending deliveries of one key, by number.
type lane struct {
	key      string
	queue    []delivery // the first one may be on its way
	failures int        // of the first one
}

// A sighting is what happens while the table is being read, and is not in what was read.
type sighting struct {
	gone    map[string]struct{} // rows that are being read and went meanwhile
	arrived []delivery
}

func newDestination(name string, r *Relay) *destination {
	return &destination{name: name, relay: r, lanes: map[string]*lane{}, held: map[string]struct{}{}, delivered: time.Now()}
}

// offer takes a delivery that was just committed, unless the table has older ones to be taken first.
func (d *destination) offer(x delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.stopped:
	case d.seen != nil:
		d.seen.arrived = append(d.seen.arrived, x)
	case !d.behind:
		d.behind = !d.take(x)
		d.hire()
	}
}

// take puts a delivery into its lane. It reports false where there is no room.
func (d *destination) take(x delivery) bool {
	if _, ok := d.held[x.message.UUID]; ok {
		return true
	}
	l, ok := d.lanes[x.key]
	if len(d.held) >= windowSize || ok && len(l.queue) >= laneDepth {
		return false
	}
	d.held[x.message.UUID] = struct{}{}
	if !ok {
		l = &lane{key: x.key}
		d.lanes[x.key] = l
		d.ready = append(d.ready, l)
	}
	l.insert(x)
	return true
}

// insert keeps the lane in order. Commits are heard of in any order; what is on its way already stays first.
func (l *lane) insert(x delivery) {
	i := len(l.queue)
	for i > 1 && l.queue[i-1].n > x.n {
		i--
	}
	l.queue = append(l.queue, x)
	copy(l.queue[i+1:], l.queue[i:])
	l.queue[i] = x
}

// look takes what the table holds.
func (d *destination) look(ctx context.Context) error {
	seen := &sighting{gone: map[string]struct{}{}}
	d.mu.Lock()
	d.seen = seen
	held := maps.Clone(d.held)
	d.mu.Unlock()

	rows, more, err := d.relay.outbox.pending(ctx, d.name, held)

	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = nil
	if d.stopped {
		return nil
	}
	d.behind = more || err != nil
	for _, x := range rows {
		if _, gone := seen.gone[x.message.UUID]; !gone && !d.take(x) {
			d.behind = true
		}
	}
	for _, x := range seen.arrived {
		d.behind = d.behind || !d.take(x)
	}
	d.reserve = len(d.held) / 2
	d.hire()
	return err
}

// hungry reports whether there is more to take from the table, and room for it.
func (d *destination) hungry() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.behind && len(d.held) <= d.reserve
}

// calm reports whether looking at the table makes sense: not while there is enough to do, nor while
// nothing can be delivered.
func (d *destination) calm() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failures == 0 && (!d.behind || len(d.held) <= d.reserve)
}

// holds is how many deliveries are in memory, until their rows are gone, and whether the table has more.
func (d *destination) holds() (n int64, behind bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return int64(len(d.held)), d.behind
}

// hire starts workers for the lanes that are ready. A destination that fails is tried by one alone.
func (d *destination) hire() {
	most := d.relay.options.InFlight
	if d.failures > 0 {
		most = 1
	}
	for wanted := len(d.ready); wanted > 0 && d.workers < most && !d.stopped; wanted-- {
		d.workers++
		d.relay.workers.Go(d.work)
	}
}

// work publishes what is ready until nothing is.
func (d *destination) work() {
	for {
		l, x, ok := d.next()
		if !ok {
			return
		}
		err := d.relay.publish(x)
		if pause := d.published(l, x, err); pause > 0 {
			select {
			case <-time.After(pause):
			case <-d.relay.quit:
			}
		}
	}
}

// next is the delivery to publish now; where there is none the worker leaves.
func (d *destination) next() (*lane, delivery, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ready) == 0 || d.stopped || d.failures > 0 && d.workers > 1 {
		d.workers--
		return nil, delivery{}, false
	}
	l := d.ready[0]
	d.ready = d.ready[1:]
	return l, l.queue[0], true
}

// published notes the outcome of publishing x, the first of l, and says how long to hold back.
func (d *destination) published(l *lane, x delivery, err error) (pause time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.relay.watch.count(x, err)
	if err != nil {
		return d.failed(l, err)
	}
	if d.failures >= suspicious {
		slog.InfoContext(d.relay.publishing, "events are delivered again", "module", d.relay.outbox.db.Name(), "destination", d.name)
	}
	d.failures, l.failures, d.delivered = 0, 0, time.Now()
	if l.queue = l.queue[1:]; len(l.queue) > 0 {
		d.ready = append(d.ready, l)
	} else {
		delete(d.lanes, l.key)
	}
	d.relay.marks.add(x)
	d.hire()
	return 0
}

// suspicious is the number of failures in a row that are not worth a word: modules start in any order.
const suspicious = 5

// failed puts the lane aside for a while.
func (d *destination) failed(l *lane, err error) (pause time.Duration) {
	d.failures++
	l.failures++
	if d.failures == suspicious {
		slog.WarnContext(d.relay.publishing, "events cannot be delivered and wait", "module", d.relay.outbox.db.Name(), "destination", d.name, "error", err)
	}
	time.AfterFunc(backoff(l.failures, 20*time.Millisecond, time.Second), func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ready = append(d.ready, l)
		d.hire()
	})
	return backoff(d.failures, 5*time.Millisecond, 250*time.Millisecond)
}

// forget lets go of deliveries whose rows are gone.
func (d *destination) forget(ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		delete(d.held, id)
		if d.seen != nil {
			d.seen.gone[id] = struct{}{}
		}
	}
	if d.behind && len(d.held) <= d.reserve {
		nudge(d.relay.wake)
	}
}

// stop ends the workers after what they are publishing.
func (d *destination) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
}
