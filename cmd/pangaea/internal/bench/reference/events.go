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
	Number int64  `json:"number"`
	Order  *order `json:"order"`
	Pad    string `json:"pad"` // what the product says beside it: time, schema, trace
}

var pad = strings.Repeat("x", 300)

// deliver gives an event to its step, and forgets it when that is durable.
func (s *shop) deliver(from *file, e event) {
	s.run(e.Step, e.Order, &e, func(error) { from.forget(e) })
}

// hear notes an event, or does nothing where there is none.
func (s *shop) hear(f *file, e *event) error {
	switch {
	case e == nil:
		return nil
	case !s.plan.numbered:
		return f.write("INSERT INTO inbox VALUES (?)", e.ID)
	case e.Number == 1:
		return f.write("INSERT INTO inbox_lanes VALUES (?, ?, 1)", e.Source, e.Order.ID)
	default: // its predecessor may be under way still: this is no place to put it right
		return f.write("UPDATE inbox_lanes SET n = ? WHERE source = ? AND id = ?", e.Number, e.Source, e.Order.ID)
	}
}

// tell puts the step's events into the outbox.
func (s *shop) tell(f *file, st step, o *order) ([]event, error) {
	if len(st.tells) == 0 {
		return nil, nil
	}
	id, events := uuid.Must(uuid.NewV7()).String(), make([]event, len(st.tells))
	for i, next := range st.tells {
		events[i] = event{ID: id, Source: f.name, Step: next, Order: o, Pad: pad}
	}
	payload, err := json.Marshal(events[0])
	if err == nil && s.plan.numbered {
		err = f.write("INSERT INTO outbox_events VALUES (?, ?)", id, string(payload))
	}
	for i, e := range events {
		dest := s.plan.steps[e.Step].file
		if s.plan.numbered {
			const draw = "INSERT INTO outbox_lanes VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n"
			err = keep(err, f.read(draw, &events[i].Number, o.ID, dest))
			err = keep(err, f.write("INSERT INTO outbox VALUES (?, ?, '')", id, dest))
		} else {
			err = keep(err, f.write("INSERT INTO outbox VALUES (?, ?, ?)", id, dest, string(payload)))
		}
		events[i].Order = new(order)
		if err == nil {
			heard := event{Order: events[i].Order}
			err = json.Unmarshal(payload, &heard) // as if it had come from elsewhere
		}
	}
	return events, err
}

// forget deletes an event that its destination has, with the next group that is committed here.
func (f *file) forget(e event) {
	f.marks.Lock()
	defer f.marks.Unlock()
	f.forgotten = append(f.forgotten, e)
	if len(f.forgotten) > 1 {
		return // the unit that is waiting takes it along
	}
	f.do(func() (err error) {
		f.marks.Lock()
		gone := f.forgotten
		f.forgotten = nil
		f.marks.Unlock()
		for _, e := range gone {
			err = keep(err, f.write("DELETE FROM outbox WHERE id = ?", e.ID))
		}
		return err
	}, func(error) {})
}
