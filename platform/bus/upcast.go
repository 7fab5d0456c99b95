package bus

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// An Upcaster reads an earlier version of an event as a later one. Upcast makes it, On takes it.
type Upcaster struct {
	from   envelope.Past
	to     envelope.Named
	decode func(payload []byte) (from any, err error)
	lift   func(from any) (to any, err error)
	takes  func(event any) bool // is it what lift wants?
}

// Upcast makes lift lead from one version of an event to a later one, as a rule the next. A handler that
// is given the ways from 1 to 2 and from 2 to 3 reads all three.
//
//	bus.On(keeper.OrderPlaced, bus.Upcast(ordering.OrderPlacedV1.Upcast), bus.Upcast(ordering.OrderPlacedV2.Upcast))
func Upcast[Old envelope.Past, New envelope.Named](lift func(Old) (New, error)) Upcaster {
	var from Old
	var to New
	return Upcaster{
		from: from,
		to:   to,
		decode: func(payload []byte) (any, error) {
			var event Old
			err := json.Unmarshal(payload, &event)
			return event, err
		},
		lift:  func(from any) (any, error) { return lift(from.(Old)) },
		takes: func(event any) bool { _, ok := event.(Old); return ok },
	}
}

// upcasters lead to the newest version of an event.
type upcasters []Upcaster

// from finds the way from a version.
func (us upcasters) from(version int) (Upcaster, bool) {
	i := slices.IndexFunc(us, func(u Upcaster) bool { return u.from.EventVersion() == version })
	if i < 0 {
		return Upcaster{}, false
	}
	return us[i], true
}

// read reads a payload of an earlier version as the newest.
func (us upcasters) read(payload []byte, version int) (event any, err error) {
	step, _ := us.from(version)
	event, err = step.decode(payload)
	for there := true; there && err == nil; step, there = us.from(envelope.Version(step.to)) {
		event, err = step.lift(event)
	}
	return event, err
}

// check finds ways that do not lead to the newest version, which arrived knows.
func (us upcasters) check(newest envelope.Named, arrived func(event any) bool) error {
	for i, u := range us {
		version := u.from.EventVersion()
		next, there := us.from(envelope.Version(u.to))
		leadsOn := arrived(u.to) || there && next.takes(u.to)
		switch {
		case u.from.EventName() != newest.EventName() || u.to.EventName() != newest.EventName():
			return fmt.Errorf("an upcaster from %s to %s is given to the handler of %s", u.from.EventName(), u.to.EventName(), newest.EventName())
		case version >= envelope.Version(u.to):
			return fmt.Errorf("an upcaster of %s leads from version %d to %d: it has to lead to a later one", newest.EventName(), version, envelope.Version(u.to))
		case slices.ContainsFunc(us[:i], func(other Upcaster) bool { return other.from.EventVersion() == version }):
			return fmt.Errorf("two upcasters of %s lead on from version %d", newest.EventName(), version)
		case !leadsOn:
			return fmt.Errorf("an upcaster of %s leads from version %d to %T, and none from there to %T", newest.EventName(), version, u.to, newest)
		}
	}
	return nil
}
