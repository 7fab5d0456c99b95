package stock

import (
	"maps"

	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Status is what became of an order's goods.
//
//	(unheard) ─┬─ Reserve ─▶ reserved ─ Sell ─▶ sold ─ Cancel ─▶ restocked
//	           │                └── Cancel ─▶ released
//	           ├─ Reserve ─▶ rejected ─ Cancel ─▶ released
//	           └─ Cancel ─▶ released
type Status string

// The states.
const (
	Unheard   Status = ""
	Reserved  Status = "reserved"  // set aside
	Rejected  Status = "rejected"  // there was not enough: nothing is set aside
	Sold      Status = "sold"      // gone, but for what was returned
	Released  Status = "released"  // cancelled before the sale: nothing is held any more, or ever was
	Restocked Status = "restocked" // cancelled after the sale: back on hand
)

// State is all there is to know of an order's goods.
type State struct {
	OrderID string
	Status  Status
	Held    Pieces            // what was reserved
	Returns map[string]Pieces // what came back, by return
}

// An Event is what a reservation announces.
type Event interface {
	EventName() string
	EventKey() string
}

// A Reservation holds goods for one order. It moves pieces between the levels that it is restored with,
// and makes or loses none.
type Reservation struct {
	state  State
	levels map[string]*Level
	events []Event
}

// Restore returns the reservation that has this state, together with the levels of all products it touches.
func Restore(s State, levels map[string]*Level) *Reservation {
	return &Reservation{state: s, levels: levels}
}

// State returns what there is to store.
func (r *Reservation) State() State { return r.state }

// Events returns what happened since the reservation was restored.
func (r *Reservation) Events() []Event { return r.events }

// Reserve sets aside all that is wanted, or nothing. An order heard before, or cancelled before it was
// heard, changes nothing.
func (r *Reservation) Reserve(wanted Pieces) {
	if r.state.Status != Unheard {
		return
	}
	if missing := r.missing(wanted); len(missing) > 0 {
		r.state.Status = Rejected
		r.record(inventory.StockRejected{OrderID: r.state.OrderID, Missing: missing})
		return
	}
	for sku, n := range wanted {
		r.levels[sku].OnHand -= n
		r.levels[sku].Reserved += n
	}
	r.state.Status, r.state.Held = Reserved, wanted
	r.record(inventory.StockReserved{OrderID: r.state.OrderID})
}

// Sell lets go what is set aside. It changes nothing for an order that is sold or cancelled.
func (r *Reservation) Sell() error {
	switch r.state.Status {
	case Sold, Released, Restocked:
		return nil
	case Reserved:
		for sku, n := range r.state.Held {
			r.levels[sku].Reserved -= n
		}
		r.state.Status = Sold
		return nil
	default:
		return fault.New(fault.Conflict, "order %s cannot be sold: nothing is reserved for it", r.state.OrderID)
	}
}

// Cancel frees what is set aside and puts back on hand what was sold and did not come back already.
// It is answered once.
func (r *Reservation) Cancel() {
	switch r.state.Status {
	case Released, Restocked:
		return
	case Reserved:
		for sku, n := range r.state.Held {
			r.levels[sku].Reserved -= n
			r.levels[sku].OnHand += n
		}
		r.state.Status = Released
	case Sold:
		for sku, n := range r.state.Held {
			r.levels[sku].OnHand += n - r.returned(sku)
		}
		r.state.Status = Restocked
	default:
		r.state.Status = Released
	}
	r.record(inventory.StockReleased{OrderID: r.state.OrderID})
}

// TakeBack puts returned pieces back on hand, never more than were sold. The same return again changes nothing.
func (r *Reservation) TakeBack(returnID string, back Pieces) error {
	if _, known := r.state.Returns[returnID]; known {
		return nil
	}
	if r.state.Status != Sold {
		return fault.New(fault.Conflict, "return %s: nothing of order %s is sold", returnID, r.state.OrderID)
	}
	for sku, n := range back {
		if left := r.state.Held[sku] - r.returned(sku); n > left {
			return fault.New(fault.Conflict, "return %s: %d pieces of %s are more than the %d that order %s still has",
				returnID, n, sku, left, r.state.OrderID)
		}
	}
	for sku, n := range back {
		r.levels[sku].OnHand += n
	}
	r.state.Returns = maps.Clone(r.state.Returns)
	if r.state.Returns == nil {
		r.state.Returns = map[string]Pieces{}
	}
	r.state.Returns[returnID] = back
	return nil
}

func (r *Reservation) missing(wanted Pieces) []inventory.Missing {
	var missing []inventory.Missing
	for _, sku := range wanted.SKUs() {
		var available int64
		if level := r.levels[sku]; level != nil {
			available = level.Available()
		}
		if wanted[sku] > available {
			missing = append(missing, inventory.Missing{SKU: sku, Wanted: wanted[sku], Available: available})
		}
	}
	return missing
}

func (r *Reservation) returned(sku string) int64 {
	var n int64
	for _, back := range r.state.Returns {
		n += back[sku]
	}
	return n
}

func (r *Reservation) record(e Event) { r.events = append(r.events, e) }
