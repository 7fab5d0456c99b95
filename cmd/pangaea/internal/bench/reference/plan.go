package reference

import (
	"maps"
	"slices"
)

// A plan is what happens to an order, step by step, from its placing on.
type plan struct {
	numbered bool // events are kept, numbered per lane, and deduplicated by number, as the product's are
	asks     int  // rows that are read before an order is placed
	steps    map[string]step
}

// A step is one transaction in one database: it reads, writes, and leads to others.
type step struct {
	file     string
	adds     string         // makes the order's own row here, in this status
	moves    string         // or reads and changes it
	parts    map[string]int // so many rows of each kind beside it
	perItem  []string       // and a row of each kind per item
	drops    string         // deletes a row of this kind
	takes    bool           // takes the items from stock
	confirms bool           // is what everybody waits for

	tells []string // steps that begin with an event, over outbox and inbox
	calls string   // the step that comes next without an event, as a call from outside a transaction does
}

const first = "place"

var plans = map[string]plan{
	Four: {
		steps: map[string]step{
			"place":     {file: "ordering", adds: "placed", perItem: []string{"line"}, tells: []string{"reserve"}},
			"reserve":   {file: "inventory", takes: true, tells: []string{"authorize"}},
			"authorize": {file: "payments", adds: "authorized", tells: []string{"confirm"}},
			"confirm":   {file: "ordering", moves: "confirmed", confirms: true},
		},
	},
	Same: {
		numbered: true,
		asks:     2, // the idempotency key, the prices
		steps: map[string]step{
			"place": {
				file: "ordering", adds: "placed", perItem: []string{"line"},
				parts: map[string]int{"history": 1, "deadline": 1, "key": 1}, tells: []string{"reserve"},
			},
			"reserve":          {file: "inventory", adds: "reserved", takes: true, perItem: []string{"line"}, tells: []string{"reserved"}},
			"reserved":         {file: "ordering", moves: "reserved", parts: map[string]int{"history": 1}, tells: []string{"authorize"}},
			"authorize":        {file: "payments", adds: "authorizing", parts: map[string]int{"task": 1}, calls: "provider holds"},
			"provider holds":   {file: "provider", adds: "held", parts: map[string]int{"request": 1, "movement": 1}, calls: "authorized"},
			"authorized":       {file: "payments", moves: "authorized", parts: map[string]int{"answer": 1}, tells: []string{"confirm"}, calls: "authorize done"},
			"authorize done":   {file: "payments", drops: "task"},
			"confirm":          {file: "ordering", moves: "confirmed", parts: map[string]int{"history": 1}, confirms: true, tells: []string{"sell", "notify confirmed", "capture"}},
			"sell":             {file: "inventory", moves: "sold"},
			"notify confirmed": {file: "notifications", parts: map[string]int{"notice confirmed": 1}},
			"capture":          {file: "payments", moves: "capturing", parts: map[string]int{"task": 1}, calls: "provider takes"},
			"provider takes":   {file: "provider", moves: "captured", parts: map[string]int{"request capture": 1, "movement capture": 1}, calls: "captured"},
			"captured":         {file: "payments", moves: "captured", parts: map[string]int{"answer capture": 1, "posting": 2}, tells: []string{"pay"}, calls: "capture done"},
			"capture done":     {file: "payments", drops: "task"},
			"pay":              {file: "ordering", moves: "paid", parts: map[string]int{"history": 1}, drops: "deadline", tells: []string{"ship", "notify paid"}},
			"notify paid":      {file: "notifications", parts: map[string]int{"notice paid": 1}},
			"ship":             {file: "shipping", adds: "pending", perItem: []string{"line"}, parts: map[string]int{"task": 1}, calls: "hand over"},
			"hand over":        {file: "shipping", moves: "handing_over", calls: "carrier takes"},
			"carrier takes":    {file: "carrier", adds: "taken", calls: "dispatched"},
			"dispatched":       {file: "shipping", moves: "dispatched", parts: map[string]int{"delivery": 1}, tells: []string{"dispatch", "notify dispatched"}, calls: "hand over done"},
			"hand over done":   {file: "shipping", drops: "task", calls: "deliverable"},
			"deliverable":      {file: "shipping", moves: "dispatched", calls: "carrier brings"},
			"carrier brings":   {file: "carrier", moves: "delivered", calls: "delivered"},
			"delivered":        {file: "shipping", moves: "delivered", tells: []string{"complete"}, calls: "deliver done"},
			"deliver done":     {file: "shipping", drops: "delivery"},
			"dispatch":         {file: "ordering", moves: "dispatched", parts: map[string]int{"history": 1}},
			"complete":         {file: "ordering", moves: "delivered", parts: map[string]int{"history": 1}, tells: []string{"notify complete"}},

			"notify dispatched": {file: "notifications", parts: map[string]int{"notice dispatched": 1}},
			"notify complete":   {file: "notifications", parts: map[string]int{"notice complete": 1}},
		},
	},
}

// files are the databases of a plan.
func (p plan) files() []string {
	names := map[string]bool{}
	for _, s := range p.steps {
		names[s.file] = true
	}
	return slices.Sorted(maps.Keys(names))
}
