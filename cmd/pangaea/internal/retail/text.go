package retail

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/pangaea-shop/pangaea/platform/money"
)

// shownRefusals is how many refusals are told to people; programs get more.
const shownRefusals = 20

// Text writes the account of all lines for people.
func (r *Report) Text(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, lines int, value int64) {
		fmt.Fprintf(table, "%s\t%d lines\t%s\t\n", name, lines, money.New(value, Currency))
	}
	row("accepted", r.LinesAccepted, r.ValueAccepted)
	row("set aside", r.LinesSetAside, r.ValueSetAside)
	row("refused", r.LinesRefused, r.ValueRefused)
	row("all", r.Lines, r.Value)
	fmt.Fprintln(table, "\t\t\t")
	for _, reason := range r.Reasons {
		if reason.Lines > 0 {
			row(fmt.Sprintf("%s: %s", reason.Outcome, reason.Reason), reason.Lines, reason.Value)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if r.LinesWithoutValue > 0 {
		fmt.Fprintf(out, "\n%d refused lines have no readable value and count as 0.\n", r.LinesWithoutValue)
	}
	if r.LinesRepeated > 0 {
		fmt.Fprintf(out, "\n%d lines are equal to an earlier line of their invoice; they count like any other.\n", r.LinesRepeated)
	}
	for i := range r.Refusals[:min(len(r.Refusals), shownRefusals)] {
		fmt.Fprintln(out, r.Refusals[i].String())
	}
	if left := r.LinesRefused - min(len(r.Refusals), shownRefusals); left > 0 {
		fmt.Fprintf(out, "… and %d more refusals; --output json lists them\n", left)
	}
	return nil
}
