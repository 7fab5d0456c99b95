package outbox

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// RelayOptions are how a relay works. Zero values are replaced by what suits a running shop.
type RelayOptions struct {
	InFlight int           // deliveries to one destination at a time; 64
	Poll     time.Duration // how often the table is looked at without being told to; 150 ms
	Keep     time.Duration // how long events are kept after they occurred; 7 days
}

func (o RelayOptions) withDefaults() RelayOptions {
	if o.InFlight == 0 {
		o.InFlight = 64
	}
	if o.Poll == 0 {
		o.Poll = 150 * time.Millisecond
	}
	if o.Keep == 0 {
		o.Keep = 7 * 24 * time.Hour
	}
	return o
}

// A Relay publishes an outbox's deliveries, each by itself to the topic named after its destination, and
// forgets it when Publish returned nil. What fails is tried again for ever, with back-off; a destination
// that is slow or gone delays only itself.
//
// Of one lane at most one delivery is on its way. Committed deliveries are taken from memory; the table
// is what counts and is looked at regularly, so that whatever memory has missed is delivered as well.
// Several processes that share a database have a relay each, which delivers what its process has announced,
// and what one has left that is gone.
type Relay struct {
	outbox    *Outbox
	publisher message.Publisher
	options   RelayOptions
	wake      chan struct{} // look at the table now
	marks     marks
	watch     watch

	publishing context.Context // ends when messages on their way are given up
	giveUp     context.CancelFunc
	loops      sync.WaitGroup
	workers    sync.WaitGroup
	working    context.Context // ends when nothing more is to be begun
	quit       context.CancelFunc

	mu           sync.Mutex
	destinations map[string]*destination
	stopped      bool // a destination that is learned of now is not delivered to
}

// NewRelay returns the relay of an outbox. It does nothing before it is started.
func NewRelay(o *Outbox, publisher message.Publisher, options RelayOptions) *Relay {
	r := &Relay{
		outbox:       o,
		publisher:    publisher,
		options:      options.withDefaults(),
		wake:         make(chan struct{}, 1),
		marks:        newMarks(),
		watch:        newWatch(o.db.Name()),
		destinations: map[string]*destination{},
	}
	r.publishing, r.giveUp = context.WithCancel(context.Background())
	r.working, r.quit = context.WithCancel(r.publishing)
	return r
}

// Start begins with what is pending in the table.
func (r *Relay) Start(context.Context) error {
	for _, dests := range r.outbox.manifest {
		for _, dest := range dests {
			r.destination(dest)
		}
	}
	r.loops.Go(r.look)
	r.loops.Go(r.keepSettling)
	r.loops.Go(r.keepHouse)
	r.outbox.relay.Store(r)
	r.outbox.db.Owned("outbox_deliveries", func() {}) // we look often enough
	return nil
}

// patience is how long a relay that stops waits for what is on its way. Others in its process have to stop as well, and
// what a carrier confirms later than this is known to who hears it again.
const patience = time.Second

// Stop publishes nothing more and waits for what is on its way: a second, if ctx lasts so long; and until the database has
// taken what it was being told. What is not confirmed by then stays pending and is delivered after the next start.
func (r *Relay) Stop(ctx context.Context) error {
	r.outbox.relay.Store(nil)
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	for _, d := range r.all() {
		d.stop()
	}
	r.quit()
	defer r.giveUp()
	defer time.AfterFunc(patience, r.giveUp).Stop()
	stopWaiting := context.AfterFunc(ctx, r.giveUp)
	defer stopWaiting()
	r.workers.Wait()
	r.loops.Wait()
	return errors.Join(ctx.Err(), r.settle(context.WithoutCancel(ctx)))
}

// destination returns what is in memory for a destination.
func (r *Relay) destination(name string) *destination {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.destinations[name]
	if !ok {
		d = newDestination(name, r)
		d.stopped = r.stopped
		r.destinations[name] = d
	}
	return d
}

func (r *Relay) all() []*destination {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*destination, 0, len(r.destinations))
	for _, d := range r.destinations {
		list = append(list, d)
	}
	return list
}

// publish sends a delivery and returns nil when its destination has it.
func (r *Relay) publish(d delivery) error {
	m := d.message.Copy()
	m.Metadata[envelope.Number] = strconv.FormatInt(d.n, 10)
	m.SetContext(r.publishing)
	return r.publisher.Publish(d.dest, m)
}

// fullLook: every so many looks at the table are at all of it.
const fullLook = 20

// look reads the table: now and then for destinations that it has more for than memory, and for one, or a lane of it,
// that has more than fits into memory as soon as there is room. To read what is on its way again and again, to
// find that it is, cost a tenth of a busy shop's time. Numbers may be equal by accident, as both go on
// while they are counted, and others may have left us something for a destination that we never had
// anything for: now and then everything is read.
func (r *Relay) look() {
	tick := time.NewTicker(r.options.Poll)
	defer tick.Stop()
	for looks := 0; ; looks++ {
		for _, d := range r.all() {
			d.rest()
		}
		due := r.lacking() // at first all
		if looks%fullLook == 0 {
			due = append(due, r.addressed()...)
		}
		for _, d := range due {
			if d.calm() {
				r.complain(d.name, d.look(r.publishing))
			}
		}
		for ticked := false; !ticked; {
			select {
			case <-tick.C:
				ticked = true
			case <-r.wake:
			case <-r.working.Done():
				return
			}
			for _, d := range r.all() {
				r.complain(d.name, d.refill(r.publishing))
			}
		}
	}
}

// addressed are the destinations that the table has deliveries for.
func (r *Relay) addressed() (list []*destination) {
	pending, err := r.outbox.addressees(r.publishing)
	r.complain("", err)
	for name := range pending {
		list = append(list, r.destination(name))
	}
	return list
}

// lacking are the destinations that the table has more deliveries for than memory. Of one that is behind, or has lanes
// that are cut, that is known: what it lacks is not counted.
func (r *Relay) lacking() (list []*destination) {
	var asked []string
	held := map[string]int64{}
	for _, d := range r.all() {
		switch n, behind, cut := d.holds(); {
		case behind:
			list = append(list, d)
		case !cut:
			held[d.name] = n
			asked = append(asked, d.name)
		}
	}
	if len(asked) == 0 {
		return list
	}
	pending, err := r.outbox.addressees(r.publishing, asked...)
	r.complain("", err)
	for name, n := range pending {
		if n > held[name] {
			list = append(list, r.destination(name))
		}
	}
	return list
}

func (r *Relay) complain(dest string, err error) {
	if err != nil && r.publishing.Err() == nil {
		slog.WarnContext(r.publishing, "the outbox cannot be read", "module", r.outbox.db.Name(), "destination", dest, "error", err)
	}
}

// nudge makes whoever waits on c go on, if it is not about to anyway.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
