package bench

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
)

// A number may be unknown.
type number float64

// MarshalJSON writes null for what is unknown.
func (n number) MarshalJSON() ([]byte, error) {
	if unknown(float64(n)) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 6, 64), nil
}

func unknown(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// Text writes the report for people.
func (r *Report) Text(out io.Writer) error {
	fmt.Fprintf(out, "%s, medians of %d rounds of %s, %d clients\n", r.System, r.Rounds, r.Duration, r.Clients)
	for _, t := range r.Tables {
		if err := t.text(out); err != nil {
			return err
		}
	}
	if r.Split != nil {
		if err := r.Split.text(out); err != nil {
			return err
		}
	}
	for _, line := range r.Missing {
		fmt.Fprintf(out, "\n%s\n", line)
	}
	return nil
}

func (t Table) text(out io.Writer) error {
	fmt.Fprintf(out, "\n%s\n\n", t.About)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tshop\treference\tratio\tsame steps\tratio\tgoal\t\t")
	for _, row := range t.Rows {
		goal, verdict := row.Goal.words()
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", row.What,
			with(row.Unit, row.Shop), with(row.Unit, row.Reference), ratio(row.Ratio()), with(row.Unit, row.Same), ratio(row.SameRatio()), goal, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	missed := t.Missed()
	if len(missed) == 0 {
		_, err := fmt.Fprintln(out, "\nEvery goal was reached.")
		return err
	}
	fmt.Fprintf(out, "\n%d goals were not reached:\n", len(missed))
	for _, row := range missed {
		fmt.Fprintf(out, "  %s: %s, the goal is %s\n", row.What, with(row.Unit, row.Shop), row.Goal.Text)
	}
	return nil
}

// words are a goal and what became of it; nothing if there is none.
func (g *Goal) words() (goal, verdict string) {
	switch {
	case g == nil:
		return "", ""
	case g.Reached:
		return g.Text, "reached"
	}
	return g.Text, "NOT REACHED"
}

func with(unit string, n number) string {
	v := float64(n)
	switch {
	case unknown(v):
		return "–"
	case unit == "ms" && math.Abs(v) < 1:
		return fmt.Sprintf("%.2f %s", v, unit)
	case unit == "/s" || v >= 100:
		return fmt.Sprintf("%.0f %s", v, unit)
	default:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
}

func ratio(v float64) string {
	if unknown(v) {
		return "–"
	}
	return fmt.Sprintf("%.2f", v)
}
