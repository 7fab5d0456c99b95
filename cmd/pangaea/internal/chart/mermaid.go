package chart

import (
	"fmt"
	"io"
	"strings"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/layout"
)

// mermaid draws a flowchart. On a bus each module has a queue, to which those that it hears publish; without one,
// they tell it themselves.
func mermaid(out io.Writer, l layout.Layout) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("flowchart LR\n  clients([clients])")
	for _, p := range l.Processes {
		line("  subgraph %s[%s]", node("process", p.Name), quoted(p.Name+replicas(p)+" · "+strings.Join(p.HTTP, ", ")))
		if len(p.Modules) == 0 {
			line("    %s[[edge]]", node("edge", p.Name))
		}
		for _, m := range p.Modules {
			line("    %s[%s]", node("module", m.Name), m.Name)
		}
		line("  end")
	}
	buses := l.Buses()
	if len(buses) > 0 {
		line("  subgraph bus[%s]", quoted(layout.Product(buses[0])+" · "+strings.Join(buses, ", ")))
		for _, m := range l.Modules() {
			if len(m.Queues) > 0 {
				line("    %s[(%s)]", node("queue", m.Name), m.Queues[0])
			}
		}
		line("  end")
	}
	for _, p := range l.Processes {
		edges(line, p)
	}
	for _, m := range l.Modules() {
		for _, q := range m.Asks {
			line("  %s -->|asks, %s| %s", node("module", m.Name), how(q), node("module", q.Module))
		}
		for _, t := range tells(m) {
			to := node("module", t.to)
			if m.Bus != "" {
				to = node("queue", t.to)
			}
			line("  %s -.->|%s| %s", node("module", m.Name), quoted(strings.Join(t.events, "<br>")), to)
		}
		if m.Bus != "" && len(m.Queues) > 0 {
			line("  %s -.-> %s", node("queue", m.Name), node("module", m.Name))
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// edges draws how clients come in and where their requests go.
func edges(line func(string, ...any), p layout.Process) {
	if !p.Edge {
		return
	}
	line("  clients ==> %s", node("process", p.Name))
	to, _ := passes(p)
	for _, other := range to {
		line("  %s ==>|HTTP| %s", node("process", p.Name), node("process", other))
	}
}

// node is a name that Mermaid takes for one and that no other kind of node has.
func node(kind, name string) string { return kind + "_" + strings.ReplaceAll(name, "-", "_") }

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, "#quot;") + `"` }
