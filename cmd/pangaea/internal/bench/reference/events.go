package reference

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"
)

// An event is what one step tells another.
type event struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Step   string `json:"step"`
	Dest   string `json:"dest"`
	Number int64  `json:"number"`
	Order  *order `json:"order"`
	Pad    string `json:"pad"` // what the product says beside it: time, schema, trace
}

var pad = strings.Repeat("x", 300)

// deliver gives an event to its step, and forgets it when that is durable.
func (s *shop) deliver(from *store, e event) {
	s.run(e.Step, e.Order, &e, func(error) { from.forget(e) })
}

// hear notes an event, or does nothing where there is none.
func (s *shop) hear(w writer, e *event) error {
	switch {
	case e == nil:
		return nil
	case !s.plan.numbered:
		return w.write(hearOnce, e.ID)
	case e.Number == 1:
		return w.write(hearFirst, e.Source, e.Order.ID)
	default:
		return w.write(hearNext, e.Number, e.Source, e.Order.ID)
	}
}

// tell puts the step's events into the outbox of source.
func (s *shop) tell(w writer, source string, st step, o *order) ([]event, error) {
	if len(st.tells) == 0 {
		return nil, nil
	}
	id, events := uuid.Must(uuid.NewV7()).String(), make([]event, len(st.tells))
	for i, next := range st.tells {
		events[i] = event{ID: id, Source: source, Step: next, Dest: s.plan.steps[next].file, Order: o, Pad: pad}
	}
	text, err := json.Marshal(events[0])
	payload := string(text)
	if err == nil && s.plan.numbered {
		err = w.write(addEvent, id, payload)
	}
	for i, e := range events {
		if s.plan.numbered {
			err = keep(err, w.draw(&events[i].Number, drawNumber, o.ID, e.Dest))
			err = keep(err, w.write(addDelivery, id, e.Dest, ""))
		} else {
			err = keep(err, w.write(addDelivery, id, e.Dest, payload))
		}
		events[i].Order = new(order)
		if err == nil {
			heard := event{Order: events[i].Order}
			err = json.Unmarshal(text, &heard) // as if it had come from elsewhere
		}
	}
	return events, err
}

// forget deletes an event that its destination has, with the next group that is committed here.
func (s *store) forget(e event) {
	s.marks.Lock()
	defer s.marks.Unlock()
	s.forgotten = append(s.forgotten, e)
	if len(s.forgotten) > 1 {
		return // the unit that is waiting takes it along
	}
	s.steps.do(func(w writer) (err error) {
		s.marks.Lock()
		gone := s.forgotten
		s.forgotten = nil
		s.marks.Unlock()
		for _, e := range gone {
			err = keep(err, w.write(dropDelivery, e.ID, e.Dest))
		}
		return err
	}, func(error) {})
}
