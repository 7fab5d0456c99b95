package bench

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// A SplitTable is what the shop did in several forms, a column for each.
type SplitTable struct {
	About string     `json:"about"`
	Forms []string   `json:"forms"`
	Rows  []SplitRow `json:"rows"`
	Relay Row        `json:"relay"` // the shop's, beside one that is written by hand
	Loads [][]load   `json:"loads"` // of each form, by round
}

// A SplitRow is one figure of every form. Those that are not known are NaN, and null in JSON.
type SplitRow struct {
	What    string   `json:"what"`
	Unit    string   `json:"unit"`
	Figures []number `json:"figures"`
	Goal    *Goal    `json:"goal,omitempty"`
}

// Ratio is the last form's figure over the first one's: of the split over one process.
func (r SplitRow) Ratio() float64 { return r.ends().Ratio() }

// ends are the split and what it is compared with.
func (r SplitRow) ends() Row { return Row{Shop: r.Figures[len(r.Figures)-1], Reference: r.Figures[0]} }

var splitMeasures = []measure{
	{
		what: "durable POST /api/v1/orders, saga running", unit: "/s", figure: ofLoads(func(l load) float64 { return l.Accepted }),
		goal: func() *Goal { return ratioAtLeast("≥ 0.60 of one process", 0.60) },
	},
	{
		what: completed, unit: "/s", figure: ofLoads(load.Completed),
		goal: func() *Goal { return ratioAtLeast("≥ 0.60 of one process", 0.60) },
	},
	{
		what: "… until the last one is", unit: "/s", figure: ofLoads(func(l load) float64 { return l.Finished }),
		goal: func() *Goal { return ratioAtLeast("≥ 0.60 of one process", 0.60) },
	},
	{
		what: fmt.Sprintf("checkout p50 at %d/s", gentle), unit: "ms", figure: ofCheckouts(0.5),
		goal: func() *Goal {
			return &Goal{Text: "≤ 15 ms or 2 × one process", reached: func(r Row) bool { return r.Shop <= 15 || r.Ratio() <= 2 }}
		},
	},
	{what: fmt.Sprintf("checkout p99 at %d/s", gentle), unit: "ms", figure: ofCheckouts(0.99)},
	{what: "a product p50, one client", unit: "ms", figure: func(r *results) float64 { return p50(r.shown) }},
	{
		what: "… of it through the gateway", unit: "ms", figure: func(r *results) float64 { return p50(r.shown) - p50(r.direct) },
		goal: func() *Goal { return atMost("≤ 0.15 ms", 0.15) },
	},
	{what: "… through one written by hand", unit: "ms", figure: func(r *results) float64 { return p50(r.byHand) - p50(r.direct) }},
	{
		what: "acknowledged orders that were lost", figure: lost,
		goal: func() *Goal { return atMost("0", 0) },
	},
	{what: "memory, all processes", unit: "MB", figure: func(r *results) float64 { return unknownIfZero(float64(median(r.memory)) / 1e6) }},
	{what: "processes", figure: func(r *results) float64 { return unknownIfZero(float64(r.processes)) }},
	{
		what: "memory of each", unit: "MB",
		figure: func(r *results) float64 {
			return unknownIfZero(float64(median(r.memory)) / 1e6 / float64(max(1, r.processes)))
		},
		goal: func() *Goal { return atMost("≤ 25 MB", 25) },
	},
	{what: "programs", unit: "MB", figure: func(r *results) float64 { return unknownIfZero(float64(r.programs) / 1e6) }},
	{what: "processor time per checkout", unit: "ms", figure: ofLoads(func(l load) float64 { return unknownIfZero(milliseconds(l.CPU)) })},
	{what: "… of the database server for it", unit: "ms", figure: ofLoads(func(l load) float64 { return unknownIfZero(milliseconds(l.DatabaseCPU)) })},
	{what: "… of the broker", unit: "ms", figure: ofLoads(func(l load) float64 { return unknownIfZero(milliseconds(l.BrokerCPU)) })},
	{what: "transactions per checkout", figure: ofLoads(func(l load) float64 { return l.Units })},
	{what: "commits per checkout under full load", figure: ofLoads(func(l load) float64 { return l.Commits })},
}

// p50 is the median of the rounds' medians; NaN if there were none.
func p50(rounds [][]time.Duration) float64 {
	if len(rounds) == 0 {
		return math.NaN()
	}
	return milliseconds(medianOf(rounds, func(took []time.Duration) time.Duration { return quantile(took, 0.5) }))
}

// report puts together what was measured; nil if nothing was.
func (s *split) report() *SplitTable {
	if s == nil {
		return nil
	}
	t := &SplitTable{About: s.about, Relay: s.relays.row()}
	for _, c := range s.forms {
		t.Forms, t.Loads = append(t.Forms, c.name), append(t.Loads, s.bench.results[c].loads)
	}
	for _, m := range splitMeasures {
		row := SplitRow{What: m.what, Unit: m.unit, Goal: m.goalOn(Postgres)}
		for _, c := range s.forms {
			row.Figures = append(row.Figures, number(m.figure(s.bench.results[c])))
		}
		if row.Goal != nil {
			row.Goal.Reached = row.Goal.reached(row.ends())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (t *SplitTable) text(out io.Writer) error {
	fmt.Fprintf(out, "\n%s\n\n", t.About)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\t%s\tratio\tgoal\t\t\n", strings.Join(t.Forms, "\t"))
	for _, row := range t.Rows {
		fmt.Fprintf(table, "%s\t", row.What)
		for _, figure := range row.Figures {
			fmt.Fprintf(table, "%s\t", with(row.Unit, figure))
		}
		goal, verdict := row.Goal.words()
		fmt.Fprintf(table, "%s\t%s\t%s\t\n", ratio(row.Ratio()), goal, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	goal, verdict := t.Relay.Goal.words()
	_, err := fmt.Fprintf(out, "\n%s: %s, of one written by hand %s, ratio %s, goal %s: %s\n", t.Relay.What,
		with(t.Relay.Unit, t.Relay.Shop), with(t.Relay.Unit, t.Relay.Reference), ratio(t.Relay.Ratio()), goal, verdict)
	return err
}
