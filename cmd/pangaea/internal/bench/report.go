package bench

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A Report is what was measured.
type Report struct {
	System   string        `json:"system"`
	Rounds   int           `json:"rounds"`
	Duration time.Duration `json:"duration_ns"`
	Clients  int           `json:"clients"`
	Rows     []Row         `json:"rows"`
	Loads    Loads         `json:"loads"`
}

// Loads are the single measurements under full load, a column for each round.
type Loads struct {
	Shop []load `json:"shop"`
	Four []load `json:"reference_four"`
	Same []load `json:"reference_same"`
}

// A Row is one figure. Those that are not known are NaN, and null in JSON.
type Row struct {
	What      string `json:"what"`
	Unit      string `json:"unit"`
	Shop      number `json:"shop"`
	Reference number `json:"reference"`  // the four transactions without which there is no checkout
	Same      number `json:"same_steps"` // the product's own steps, without what the product is made of
	Goal      *Goal  `json:"goal,omitempty"`
}

// Ratio and SameRatio are the shop's figure over the references'.
func (r Row) Ratio() float64 { return float64(r.Shop / r.Reference) }

// SameRatio is the shop's figure over that of the reference with the same steps.
func (r Row) SameRatio() float64 { return float64(r.Shop / r.Same) }

// Reached reports whether the row has a goal and the shop reached it.
func (r Row) Reached() bool { return r.Goal != nil && r.Goal.reached(r) }

// A Goal is what a row should come to.
type Goal struct {
	Text    string `json:"text"`
	Reached bool   `json:"reached"`
	reached func(Row) bool
}

func ratioAtLeast(text string, least float64) *Goal {
	return &Goal{Text: text, reached: func(r Row) bool { return r.Ratio() >= least }}
}

func ratioAtMost(text string, most float64) *Goal {
	return &Goal{Text: text, reached: func(r Row) bool { return r.Ratio() <= most }}
}

func atMost(text string, most float64) *Goal {
	return &Goal{Text: text, reached: func(r Row) bool { return float64(r.Shop) <= most }}
}

// report puts together what was measured.
func (b *bench) report() *Report {
	r := &Report{
		System: system(), Rounds: b.Rounds, Duration: b.Duration, Clients: b.Clients,
		Loads: Loads{b.results[b.shop].loads, b.results[b.four].loads, b.results[b.same].loads},
	}
	add := func(what, unit string, figure func(*results) float64, goal *Goal) {
		row := Row{
			What: what, Unit: unit, Goal: goal, Shop: number(figure(b.results[b.shop])),
			Reference: number(figure(b.results[b.four])), Same: number(figure(b.results[b.same])),
		}
		if goal != nil {
			goal.Reached = goal.reached(row)
		}
		r.Rows = append(r.Rows, row)
	}
	perSecond := func(figure func(load) float64) func(*results) float64 {
		return func(r *results) float64 { return medianOf(r.loads, figure) }
	}
	add("durable POST /api/v1/orders, saga running", "/s", perSecond(func(l load) float64 { return l.Accepted }), ratioAtLeast("≥ 0.80 of reference", 0.80))
	add("completed checkouts", "/s", perSecond(load.Completed), ratioAtLeast("≥ 0.70 of reference", 0.70))
	add("checkout p50 at a paced rate", "ms", checkout(0.5), ratioAtMost("≤ 2 × reference", 2))
	add("checkout p99 at a paced rate", "ms", checkout(0.99), nil)
	add("commit → handled p50, idle", "ms", func(r *results) float64 { return 1000 * median(r.waits) }, atMost("≤ 3 ms", 3))
	add("start to first product", "ms", func(r *results) float64 { return unknownIfZero(milliseconds(median(r.starts))) }, atMost("≤ 50 ms", 50))
	add("memory when idle", "MB", func(r *results) float64 { return unknownIfZero(float64(median(r.memory)) / 1e6) }, atMost("≤ 40 MB", 40))
	add("acknowledged orders that were lost", "", func(r *results) float64 {
		lost := 0.0
		for _, l := range r.loads {
			lost += l.Lost
		}
		return lost
	}, atMost("0", 0))
	add("processor time per checkout", "ms", func(r *results) float64 {
		return unknownIfZero(milliseconds(medianOf(r.loads, func(l load) time.Duration { return l.CPU })))
	}, nil)
	add("transactions per checkout", "", perSecond(func(l load) float64 { return l.Units }), nil)
	add("answer p50 under full load", "ms", func(r *results) float64 {
		return milliseconds(medianOf(r.loads, func(l load) time.Duration { return l.Answer }))
	}, nil)
	return r
}

// system says where this was measured, and how busy others kept it at the end of it.
func system() string {
	text := fmt.Sprintf("%s %s/%s, %d processors", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		text += ", load " + strings.Join(strings.Fields(string(load))[:3], " ")
	}
	return text
}

func checkout(q float64) func(*results) float64 {
	return func(r *results) float64 {
		return milliseconds(medianOf(r.checkouts, func(took []time.Duration) time.Duration { return quantile(took, q) }))
	}
}

// Missed are the rows whose goal was not reached.
func (r *Report) Missed() []Row {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return row.Goal == nil || row.Goal.Reached })
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func unknownIfZero(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}
