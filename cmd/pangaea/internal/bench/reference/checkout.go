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
	st, f := s.plan.steps[name], s.files[s.plan.steps[name].file]
	var telling []event
	f.do(func() (err error) {
		if err = s.hear(f, told); err == nil {
			err = s.write(f, st, o)
		}
		if err == nil {
			telling, err = s.tell(f, st, o)
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
			s.deliver(f, e)
		}
		if st.calls != "" {
			s.run(st.calls, o, nil, func(error) {})
		}
	})
}

// write does the step's own work.
func (s *shop) write(f *file, st step, o *order) error {
	body, err := json.Marshal(o.Address)
	if err != nil {
		return err
	}
	now := time.Now().UnixMicro()
	if st.adds != "" {
		err = f.write("INSERT INTO aggregates VALUES (?, ?, ?, ?)", o.ID, st.adds, string(body), now)
	}
	if st.moves != "" {
		var status string
		if err = f.read("SELECT status FROM aggregates WHERE id = ?", &status, o.ID); err == nil {
			err = f.write("UPDATE aggregates SET status = ?, changed_at = ? WHERE id = ?", st.moves, now, o.ID)
		}
	}
	for kind, rows := range st.parts {
		for row := range rows {
			err = keep(err, f.write("INSERT INTO parts VALUES (?, ?, ?, ?)", kind, o.ID, now+int64(row), string(body)))
		}
	}
	for n, item := range o.Items {
		for _, kind := range st.perItem {
			err = keep(err, f.write("INSERT INTO parts VALUES (?, ?, ?, ?)", kind, o.ID, n, item.SKU))
		}
		if st.takes {
			err = keep(err, f.write("UPDATE products SET quantity = quantity - ? WHERE sku = ?", item.Quantity, item.SKU))
		}
	}
	if st.drops != "" {
		err = keep(err, f.write("DELETE FROM parts WHERE kind = ? AND id = ?", st.drops, o.ID))
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
