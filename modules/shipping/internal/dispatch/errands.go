package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// The kinds of tasks.
const (
	HandOver = "hand-over"
	Deliver  = "deliver"
)

const (
	callTimeout = 5 * time.Second  // how long a call of the carrier may take
	net         = 10 * time.Second // when a task looks after what staff have begun
)

// An errand is the payload of a task: what to do for a shipment, and how often the carrier could not be reached.
type errand struct {
	Kind       string `json:"kind"`
	ShipmentID string `json:"shipment_id"`
	Tried      int    `json:"tried"`
}

func (e errand) key() string {
	if e.Tried == 0 {
		return e.ShipmentID
	}
	return e.ShipmentID + "#" + strconv.Itoa(e.Tried)
}

// later puts an errand into the unit of work that ctx belongs to.
func (d *Desk) later(ctx context.Context, e errand, after time.Duration) error {
	return d.queue.Add(ctx, e.Kind, e.key(), e, d.clock().Add(after))
}

// Run does the task of an errand. A carrier that cannot be reached is tried again and again; other
// errors use up the task's attempts.
func (d *Desk) Run(ctx context.Context, t tasks.Task) error {
	var e errand
	if err := json.Unmarshal(t.Payload, &e); err != nil {
		return tasks.Permanent(err)
	}
	state, err := d.run(ctx, e)
	if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Unknown) {
		e.Tried++
		err = d.shipments.UpdateShipment(ctx, e.ShipmentID, func(ctx context.Context, _ *shipment.Shipment) error {
			return d.later(ctx, e, patience(e.Tried))
		})
	}
	if err != nil {
		return fmt.Errorf("%s shipment %s of order %s: %w", e.Kind, e.ShipmentID, state.OrderID, err)
	}
	return nil
}

// Dispatch hands a shipment over now. It is fault.Conflict if it cannot leave any more. A carrier that
// cannot be reached is tried again later.
func (d *Desk) Dispatch(ctx context.Context, id string) (shipment.State, error) {
	return d.now(ctx, errand{Kind: HandOver, ShipmentID: id}, func(s *shipment.Shipment) error { return s.HandOver() })
}

// Deliver delivers a shipment now. It is fault.Conflict if it has not left.
func (d *Desk) Deliver(ctx context.Context, id string) (shipment.State, error) {
	return d.now(ctx, errand{Kind: Deliver, ShipmentID: id}, func(s *shipment.Shipment) error {
		_, err := s.Deliverable()
		return err
	})
}

// now runs an errand if the shipment is fit for it, and leaves a task behind that ends what a crash
// leaves half done.
func (d *Desk) now(ctx context.Context, e errand, fit func(*shipment.Shipment) error) (shipment.State, error) {
	err := d.shipments.UpdateShipment(ctx, e.ShipmentID, func(ctx context.Context, s *shipment.Shipment) error {
		if err := fit(s); err != nil {
			return err
		}
		return d.later(ctx, e, net)
	})
	if err != nil {
		return shipment.State{}, err
	}
	state, err := d.run(ctx, e)
	if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Unknown) {
		return state, nil // the task goes on
	}
	return state, err
}

func (d *Desk) run(ctx context.Context, e errand) (shipment.State, error) {
	switch e.Kind {
	case HandOver:
		return d.handOver(ctx, e.ShipmentID)
	case Deliver:
		return d.deliver(ctx, e.ShipmentID)
	default:
		return shipment.State{}, tasks.Permanent(fmt.Errorf("there is no errand %q", e.Kind))
	}
}

// handOver asks the carrier to take the goods, unless they were kept back or are gone.
func (d *Desk) handOver(ctx context.Context, id string) (shipment.State, error) {
	state, err := d.change(ctx, id, func(s *shipment.Shipment) error {
		if s.State().Status.Ended() {
			return nil
		}
		return s.HandOver()
	})
	if err != nil || state.Status != shipment.HandingOver {
		return state, err
	}
	trackingNumber, called := d.call(ctx, func(ctx context.Context) (string, error) {
		return d.carrier.HandOver(ctx, id, state.Address)
	})
	if called == nil {
		return d.record(ctx, id, trackingNumber)
	}
	if fault.Is(called, fault.Conflict) || fault.Is(called, fault.Unavailable) {
		state, err = d.change(ctx, id, func(s *shipment.Shipment) error { s.NotTaken(); return nil })
		if err == nil && state.Status.Ended() {
			return state, nil // kept back: nobody minds
		}
	}
	if err != nil {
		return state, err
	}
	return state, called
}

// record notes that the carrier has the goods and, where it works by itself, when it delivers them.
func (d *Desk) record(ctx context.Context, id, trackingNumber string) (state shipment.State, err error) {
	err = d.shipments.UpdateShipment(ctx, id, func(ctx context.Context, s *shipment.Shipment) error {
		if err := s.Taken(trackingNumber); err != nil {
			return err
		}
		state = s.State()
		if !d.settings.automatic() || state.Status != shipment.Dispatched {
			return nil
		}
		return d.later(ctx, errand{Kind: Deliver, ShipmentID: id}, d.settings.DeliverAfter)
	})
	return state, err
}

// deliver lets the carrier deliver what it has.
func (d *Desk) deliver(ctx context.Context, id string) (shipment.State, error) {
	fit := false
	state, err := d.change(ctx, id, func(s *shipment.Shipment) (err error) {
		fit, err = s.Deliverable()
		return err
	})
	if err != nil || !fit {
		return state, err
	}
	_, err = d.call(ctx, func(ctx context.Context) (string, error) { return "", d.carrier.Deliver(ctx, id) })
	if err != nil {
		return state, err
	}
	return d.change(ctx, id, (*shipment.Shipment).Arrive)
}

// change is UpdateShipment for changes that need no unit of work, and returns what the shipment is now.
func (d *Desk) change(ctx context.Context, id string, change func(*shipment.Shipment) error) (state shipment.State, err error) {
	err = d.shipments.UpdateShipment(ctx, id, func(_ context.Context, s *shipment.Shipment) error {
		defer func() { state = s.State() }()
		return change(s)
	})
	return state, err
}

// call calls the carrier, not for ever.
func (d *Desk) call(ctx context.Context, carrier func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := carrier(ctx)
	if err != nil && ctx.Err() != nil {
		return "", fault.New(fault.Unknown, "the carrier did not answer in time: %w", err)
	}
	return answer, err
}

// patience is how long to wait before a carrier is tried again that could not be reached so often.
func patience(tried int) time.Duration {
	const first, longest = 500 * time.Millisecond, 10 * time.Second
	return min(first<<min(tried, 10), longest)
}
