package bench

import (
	"math"
	"time"
)

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

func atLeast(text string, least float64) *Goal {
	return &Goal{Text: text, reached: func(r Row) bool { return float64(r.Shop) >= least }}
}

func atMost(text string, most float64) *Goal {
	return &Goal{Text: text, reached: func(r Row) bool { return float64(r.Shop) <= most }}
}

// A measure is a row of every table.
type measure struct {
	what, unit string
	figure     func(*results) float64
	goal       func() *Goal // on every kind of database
	served     func() *Goal // on a server, where it has another one
}

func (m measure) goalOn(database string) *Goal {
	switch {
	case m.served != nil && database != SQLite:
		return m.served()
	case m.goal != nil:
		return m.goal()
	}
	return nil
}

const completed = "completed checkouts"

var measures = []measure{
	{
		what: "durable POST /api/v1/orders, saga running", unit: "/s", figure: ofLoads(func(l load) float64 { return l.Accepted }),
		served: func() *Goal { return ratioAtLeast("≥ 0.80 of reference", 0.80) },
	},
	{
		what: completed, unit: "/s", figure: ofLoads(load.Completed),
		served: func() *Goal { return ratioAtLeast("≥ 0.70 of reference", 0.70) },
	},
	{
		what: "checkout p50 at a paced rate", unit: "ms", figure: ofCheckouts(0.5),
		goal: func() *Goal { return ratioAtMost("≤ 2 × reference", 2) },
	},
	{what: "checkout p99 at a paced rate", unit: "ms", figure: ofCheckouts(0.99)},
	{
		what: "commit → handled p50, idle", unit: "ms", figure: func(r *results) float64 { return 1000 * median(r.waits) },
		goal: func() *Goal { return atMost("≤ 3 ms", 3) },
	},
	{
		what: "start to first product", unit: "ms", figure: func(r *results) float64 { return unknownIfZero(milliseconds(median(r.starts))) },
		goal: func() *Goal { return atMost("≤ 50 ms", 50) },
	},
	{
		what: "memory when idle", unit: "MB", figure: func(r *results) float64 { return unknownIfZero(float64(median(r.memory)) / 1e6) },
		goal: func() *Goal { return atMost("≤ 40 MB", 40) },
	},
	{
		what: "acknowledged orders that were lost", figure: lost,
		goal: func() *Goal { return atMost("0", 0) },
	},
	{what: "processor time per checkout", unit: "ms", figure: ofLoads(func(l load) float64 { return unknownIfZero(milliseconds(l.CPU)) })},
	{what: "… of the database server for it", unit: "ms", figure: ofLoads(func(l load) float64 { return unknownIfZero(milliseconds(l.DatabaseCPU)) })},
	{what: "transactions per checkout", figure: ofLoads(func(l load) float64 { return l.Units })},
	{what: "commits per checkout under full load", figure: ofLoads(func(l load) float64 { return l.Commits })},
	{what: "answer p50 under full load", unit: "ms", figure: ofLoads(func(l load) float64 { return milliseconds(l.Answer) })},
}

func ofLoads(figure func(load) float64) func(*results) float64 {
	return func(r *results) float64 { return medianOf(r.loads, figure) }
}

func ofCheckouts(q float64) func(*results) float64 {
	return func(r *results) float64 {
		return milliseconds(medianOf(r.checkouts, func(took []time.Duration) time.Duration { return quantile(took, q) }))
	}
}

// lost counts over all rounds: a median would hide what happens once.
func lost(r *results) (sum float64) {
	for _, l := range r.loads {
		sum += l.Lost
	}
	return sum
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func unknownIfZero(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}
