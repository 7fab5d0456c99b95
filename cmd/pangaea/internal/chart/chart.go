// Package chart draws a layout: which processes there are, who tells whom what, and who asks whom. As text, for a
// terminal; in Mermaid, for a page of Markdown; as SVG, for everywhere else.
package chart

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/layout"
)

// formats are how a layout can be drawn.
var formats = map[string]func(io.Writer, layout.Layout) error{"text": text, "mermaid": mermaid, "svg": svg}

// Draw writes the picture of a layout.
func Draw(out io.Writer, format string, l layout.Layout) error {
	draw, err := drawing(format)
	if err != nil {
		return err
	}
	return draw(out, l)
}

// Check returns an error if there is no such format.
func Check(format string) error {
	_, err := drawing(format)
	return err
}

func drawing(format string) (func(io.Writer, layout.Layout) error, error) {
	draw, ok := formats[format]
	if !ok {
		return nil, fmt.Errorf("--format is %s, not %q", strings.Join(slices.Sorted(maps.Keys(formats)), ", "), format)
	}
	return draw, nil
}

// A told is what one module tells another.
type told struct {
	to     string
	events []string // without the module's name
}

// tells are what a module tells each of those that hear it.
func tells(m layout.Module) (all []told) {
	for _, e := range m.Tells {
		for _, to := range e.To {
			at := slices.IndexFunc(all, func(t told) bool { return t.to == to })
			if at < 0 {
				at, all = len(all), append(all, told{to: to})
			}
			all[at].events = append(all[at].events, e.Short())
		}
	}
	slices.SortFunc(all, func(a, b told) int { return strings.Compare(a.to, b.to) })
	return all
}

// passes are the processes that an edge passes requests on to, and how many routes.
func passes(p layout.Process) (to []string, routes int) {
	for _, r := range p.Routes {
		if r.Passed == "" {
			continue
		}
		if routes++; !slices.Contains(to, r.Passed) {
			to = append(to, r.Passed)
		}
	}
	slices.Sort(to)
	return to, routes
}

// over says what events go over.
func over(l layout.Layout) string {
	buses := l.Buses()
	switch {
	case len(buses) == 0 && len(l.Processes) == 1:
		return "in the process"
	case len(buses) == 0:
		return "in each process for itself, as there is no bus"
	}
	return "over " + layout.Product(buses[0]) + " at " + strings.Join(buses, ", ")
}

// how says how a question is asked.
func how(q layout.Question) string {
	if q.GRPC {
		return "gRPC"
	}
	return "a call"
}

func replicas(p layout.Process) string {
	if p.Replicas == 1 {
		return ""
	}
	return fmt.Sprintf(" ×%d", p.Replicas)
}
