package outbox

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// How much of a destination's pending rows memory takes, besides the first ones of lanes that are stuck.
const (
	windowSize = 2048 // in all
	laneDepth  = 64   // of one lane, so that a busy key leaves room for others
	mostStuck  = 16 * windowSize
)

// A destination is a module that hears of us, with those of its pending deliveries that are in memory. What is
// neither in memory nor in a lane that is cut can only be in the table while the destination is behind.
type destination struct {
	name  string
	relay *Relay

	mu      sync.Mutex
	lanes   map[string]*lane
	ready   []*lane             // those whose first delivery may be published now
	low     []*lane             // those that more is to be read of
	held    map[string]struct{} // ids of events in memory, until their deliveries' rows are gone
	stuck   int                 // lanes that are, each with one delivery
	behind  bool                // the table has more than memory took: nothing is taken but from there
	reserve int                 // when behind, so many left in memory ask for more
	seen    *sighting           // while the table is being read
	settled recent              // ids of events whose deliveries' rows went a moment ago

	workers  int
	failures int       // publishes in a row
	moved    time.Time // when it last got something, or was seen to have nothing to get
	stopped  bool
}

// A sighting is what happens while the table is being read, and is not in what was read.
type sighting struct {
	gone    map[string]struct{} // rows that are being read and went meanwhile
	arrived []delivery
}

// newDestination knows nothing of the table yet, which may have older deliveries than those that are offered.
func newDestination(name string, r *Relay) *destination {
	return &destination{name: name, relay: r, lanes: map[string]*lane{}, held: map[string]struct{}{}, moved: time.Now(), behind: true}
}

// offer takes a delivery that was just committed, unless the table has older ones to be taken first.
func (d *destination) offer(x delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.stopped:
	case d.seen != nil:
		d.seen.arrived = append(d.seen.arrived, x)
	default:
		d.takeNew(x)
		d.hire()
	}
}

// takeNew takes a delivery if memory has all older ones. One that is offered so long after its commit that it was found
// in the table, delivered and settled meanwhile is not delivered again.
func (d *destination) takeNew(x delivery) {
	if l, ok := d.lanes[x.key]; d.behind || ok && l.cut || d.settled.has(x.message.UUID) {
		return
	}
	d.take(x)
}

// take puts a delivery into its lane. Where there is no room, the lane is cut or the destination is behind.
func (d *destination) take(x delivery) {
	if _, ok := d.held[x.message.UUID]; ok {
		return
	}
	if d.load() >= windowSize {
		d.behind = true
		return
	}
	l := d.lane(x.key)
	if l.stuck || len(l.queue) >= laneDepth {
		l.cut = true
		return
	}
	if len(l.queue) == 0 {
		d.ready = append(d.ready, l)
	}
	d.held[x.message.UUID] = struct{}{}
	l.insert(x)
}

func (d *destination) lane(key string) *lane {
	l, ok := d.lanes[key]
	if !ok {
		l = &lane{key: key}
		d.lanes[key] = l
	}
	return l
}

// load is how many deliveries in memory are on their way.
func (d *destination) load() int { return len(d.held) - d.stuck }

// refill takes what the table holds where memory runs short of it.
func (d *destination) refill(ctx context.Context) error {
	if d.hungry() {
		if err := d.look(ctx); err != nil {
			return err
		}
	}
	var failed error
	for _, l := range d.short() { // all of them, for they are noted no more: one that cannot be read is noted again
		failed = cmp.Or(failed, d.lookAt(ctx, l))
	}
	return failed
}

// look takes what the table holds.
func (d *destination) look(ctx context.Context) error {
	found, err := d.relay.outbox.pending(ctx, d.name, d.startReading())
	d.mu.Lock()
	defer d.mu.Unlock()
	d.behind = found.more || err != nil
	for key := range found.cut {
		d.lane(key).cut = true
	}
	d.endReading(found.deliveries)
	for key := range found.cut {
		d.keep(d.lane(key))
	}
	d.reserve = d.load() / 2
	return err
}

// lookAt takes what the table holds of a lane.
func (d *destination) lookAt(ctx context.Context, l *lane) error {
	found, more, err := d.relay.outbox.pendingOf(ctx, d.name, l.key, d.startReading())
	d.mu.Lock()
	defer d.mu.Unlock()
	l.cut = more || err != nil || l.stuck // it may have been set aside meanwhile
	before := len(l.queue)
	d.endReading(found)
	d.keep(l)
	if l.low && len(l.queue) > before {
		nudge(d.relay.wake) // there is more
	}
	return err
}

// startReading returns what need not be read.
func (d *destination) startReading() known {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = &sighting{gone: map[string]struct{}{}}
	k := known{held: maps.Clone(d.held), stuck: make(map[string]struct{}, d.stuck)}
	for key, l := range d.lanes {
		if l.stuck {
			k.stuck[key] = struct{}{}
		}
	}
	return k
}

// endReading takes what was found and is still there, and what came meanwhile.
func (d *destination) endReading(found []delivery) {
	seen := d.seen
	d.seen = nil
	if d.stopped {
		return
	}
	for _, x := range found {
		if _, gone := seen.gone[x.message.UUID]; !gone {
			d.take(x)
		}
	}
	for _, x := range seen.arrived {
		d.takeNew(x)
	}
	d.hire()
}

// keep lets go of a lane that is empty, or notes that more of it is to be read.
func (d *destination) keep(l *lane) {
	switch {
	case l.cut && !l.low && len(l.queue) <= laneDepth/2 && !l.stuck:
		l.low = true
		d.low = append(d.low, l)
	case !l.cut && len(l.queue) == 0:
		delete(d.lanes, l.key)
	}
}

// short are the lanes to be read, if there is room for what is found.
func (d *destination) short() []*lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.load() >= windowSize {
		return nil
	}
	low := d.low
	d.low = nil
	for _, l := range low {
		l.low = false
	}
	return low
}

// hungry reports whether there is more to take from the table, and room for it.
func (d *destination) hungry() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.behind && d.load() <= d.reserve
}

// calm reports whether looking at the table makes sense: not while there is enough to do.
func (d *destination) calm() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.behind || d.load() <= d.reserve
}

// holds is how many deliveries are in memory, until their rows are gone, and whether the table is known to have more:
// of any lane, or of lanes that are cut.
func (d *destination) holds() (n int64, behind, cut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.lanes {
		cut = cut || l.cut
	}
	return int64(len(d.held)), d.behind, cut
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
			case <-d.relay.working.Done():
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
	l.away = true
	return l, l.queue[0], true
}

// published notes the outcome of publishing x, the first of l, and says how long to hold back.
func (d *destination) published(l *lane, x delivery, err error) (pause time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.relay.watch.count(x, err)
	l.away = false
	if err != nil {
		return d.failed(l, err)
	}
	if d.failures >= suspicious {
		slog.InfoContext(d.relay.publishing, "events are delivered again", "module", d.relay.outbox.db.Name(), "destination", d.name)
	}
	d.failures, l.failures, d.moved = 0, 0, time.Now()
	if l.stuck {
		l.stuck = false
		d.stuck--
	}
	if l.queue = l.queue[1:]; len(l.queue) > 0 {
		d.ready = append(d.ready, l)
	}
	if d.keep(l); l.low {
		nudge(d.relay.wake)
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
	if l.failures == suspicious && d.stuck < mostStuck {
		d.setAside(l)
	}
	time.AfterFunc(backoff(l.failures, 20*time.Millisecond, time.Second), func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ready = append(d.ready, l)
		d.hire()
	})
	return backoff(d.failures, 5*time.Millisecond, 250*time.Millisecond)
}

// setAside leaves a lane only its first delivery, so that it takes no room from others.
func (d *destination) setAside(l *lane) {
	for _, x := range l.queue[1:] {
		delete(d.held, x.message.UUID)
		l.cut = true
	}
	l.queue = slices.Clone(l.queue[:1])
	l.stuck = true
	d.stuck++
}

// forget lets go of deliveries whose rows are gone.
func (d *destination) forget(ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settled.note(ids)
	for _, id := range ids {
		delete(d.held, id)
		if d.seen != nil {
			d.seen.gone[id] = struct{}{}
		}
	}
	if d.behind && d.load() <= d.reserve || len(d.low) > 0 {
		nudge(d.relay.wake)
	}
}

// stop ends the workers after what they are publishing.
func (d *destination) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
}
