package chart

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/layout"
)

// text draws processes one under the other, with what goes out of each module.
func text(out io.Writer, l layout.Layout) error {
	table := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	fmt.Fprintf(table, "Events go %s.\n", over(l))
	for _, p := range l.Processes {
		fmt.Fprintf(table, "\n%s%s  %s\n", p.Name, replicas(p), strings.Join(p.HTTP, "  "))
		if p.Edge {
			fmt.Fprintln(table, "  ◀── clients")
		}
		if to, routes := passes(p); routes > 0 {
			fmt.Fprintf(table, "  ──▶ %s  (HTTP, %d routes)\n", strings.Join(to, ", "), routes)
		}
		for _, m := range p.Modules {
			fmt.Fprintf(table, "  %s\n", m.Name)
			for _, q := range m.Asks {
				fmt.Fprintf(table, "    asks\t%s\t(%s)\n", q.Module, how(q))
			}
			for _, t := range tells(m) {
				fmt.Fprintf(table, "    tells\t%s\t%s\n", t.to, strings.Join(t.events, ", "))
			}
		}
	}
	return table.Flush()
}
