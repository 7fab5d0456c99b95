package reference

import (
	"encoding/json"
	"time"
)

// An order is what is sold: as much of the public API's order as is needed here.
type order struct {
	ID    string `json:"id"`
	Items []struct {
		SKU      string `json:"sku" binding:"required,max=32"`
		Quantity int64  `json:"quantity" binding:"required,min=1,max=1000000"`
	} `json:"items" binding:"required,min=1,max=2000,dive"`
	Payment struct {
		CardToken string `json:"card_token" binding:"required,max=200"`
	} `json:"payment"`
	Address struct {
		Name       string `json:"name" binding:"required,max=100"`
		Line1      string `json:"line1" binding:"required,max=100"`
		City       string `json:"city" binding:"required,max=100"`
		PostalCode string `json:"postal_code" binding:"required,max=20"`
		Country    string `json:"country" binding:"required,len=2"`
	} `json:"shipping_address"`
}

// run takes a step, and then those it leads to. told is the event it begins with, if it does with one.
func (s *shop) run(name string, o *order, told *event, done func(error)) {
	st, at := s.plan.steps[name], s.stores[s.plan.steps[name].file]
	var telling []event
	at.line(name).do(func(w writer) (err error) {
		if err = s.hear(w, told); err == nil {
			err = s.write(w, st, o)
		}
		if err == nil {
			telling, err = s.tell(w, at.name, st, o)
		}
		if err == nil && st.confirms {
			s.moments.Store(o.ID, time.Now())
		}
		return err
	}, func(err error) {
		done(err)
		if err != nil {
			panic(err) // it measures, it does not serve
		}
		if st.confirms {
			s.confirmed.Add(1)
		}
		for _, e := range telling {
			s.deliver(at, e)
		}
		if st.calls != "" {
			s.run(st.calls, o, nil, func(error) {})
		}
	})
}

// write does the step's own work.
func (s *shop) write(w writer, st step, o *order) error {
	text, err := json.Marshal(o.Address)
	if err != nil {
		return err
	}
	now, body := time.Now().UnixMicro(), string(text)
	if st.adds != "" {
		err = w.write(addAggregate, o.ID, st.adds, body, now)
	}
	if st.moves != "" {
		err = keep(err, w.write(lookAtAggregate, o.ID))
		err = keep(err, w.write(moveAggregate, st.moves, now, o.ID))
	}
	for kind, rows := range st.parts {
		for row := range rows {
			err = keep(err, w.write(addPart, kind, o.ID, now+int64(row), body))
		}
	}
	for n, item := range o.Items {
		for _, kind := range st.perItem {
			err = keep(err, w.write(addPart, kind, o.ID, int64(n), item.SKU))
		}
		if st.takes {
			err = keep(err, w.write(takeProduct, item.Quantity, item.SKU))
		}
	}
	if st.drops != "" {
		err = keep(err, w.write(dropParts, st.drops, o.ID))
	}
	return err
}

// keep is the first error of a row of them.
func keep(before, now error) error {
	if before != nil {
		return before
	}
	return now
}
