package chart

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/layout"
)

// svg draws a column for each module, with its process around it and the edge above all, and under them a line for
// everyone who is asked or heard: it begins at their column and has a mark at that of each who asks or hears.
func svg(out io.Writer, l layout.Layout) error {
	c := newCanvas(l)
	c.clients()
	c.edges()
	c.processes()
	c.lanes("Who is asked, and who asks", c.questions())
	c.lanes("Who says something, and who hears it: events, "+over(l), c.events())
	return c.write(out)
}

// Measures, in pixels.
const (
	margin  = 24
	gap     = 14 // between processes
	padding = 10 // between a process and the modules in it
	card    = 46 // a module's height
	bar     = 40 // that of an edge
	row     = 15 // that of a line of text
	letter  = 6.3
)

// colours tell modules apart.
var colours = []string{"#4063b8", "#b8562e", "#2f8557", "#8a4fa8", "#b3852a", "#2b8a9c", "#b0406a", "#66704a", "#6b5bd0"}

// A column is where a module is.
type column struct {
	layout.Module
	x, centre float64
	colour    string
}

// A canvas is a picture that grows downwards.
type canvas struct {
	layout.Layout
	columns []column
	wide    float64            // a column's width
	left    map[string]float64 // where a process begins, and
	right   map[string]float64 // where it ends
	width   float64
	y       float64
	top     float64 // where the columns begin that the lines go down
	back    strings.Builder
	front   strings.Builder
}

func newCanvas(l layout.Layout) *canvas {
	c := &canvas{Layout: l, left: map[string]float64{}, right: map[string]float64{}, y: margin, wide: widest(l)*letter + 24}
	x := float64(margin)
	for _, p := range l.Processes {
		if len(p.Modules) == 0 {
			continue
		}
		c.left[p.Name] = x
		for _, m := range p.Modules {
			c.columns = append(c.columns, column{m, x + padding, x + padding + c.wide/2, colour(l, m.Name)})
			x += c.wide + padding
		}
		c.right[p.Name] = x + padding
		x += padding + gap
	}
	c.width = max(x-gap+margin, 560)
	return c
}

// colour is the same for a module in every topology.
func colour(l layout.Layout, module string) string {
	before := 0
	for _, m := range l.Modules() {
		if m.Name < module {
			before++
		}
	}
	return colours[before%len(colours)]
}

// widest is the length of the longest text that a column has room for.
func widest(l layout.Layout) float64 {
	longest := 20
	for _, m := range l.Modules() {
		for _, t := range tells(m) {
			for _, name := range t.events {
				longest = max(longest, len(name)+1)
			}
		}
	}
	return float64(longest)
}

func (c *canvas) column(module string) *column {
	at := slices.IndexFunc(c.columns, func(col column) bool { return col.Name == module })
	if at < 0 {
		return nil
	}
	return &c.columns[at]
}

// clients are at the top, in the middle.
func (c *canvas) clients() {
	middle := c.width / 2
	c.box(&c.front, "clients", middle-50, c.y, 100, 28, 14)
	c.text("label strong", "middle", middle, c.y+19, "clients")
	c.y += 28
}

// edges are bars over all columns, from which arrows lead to the processes.
func (c *canvas) edges() {
	reached, bars := map[string]bool{}, 0
	for _, p := range c.Processes {
		to, routes := passes(p)
		if routes == 0 {
			reached[p.Name] = reached[p.Name] || p.Edge // it hosts everything, and is no bar
			continue
		}
		c.bar(p, bars, routes)
		bars++
		for _, name := range to {
			reached[name] = true
		}
	}
	for _, p := range c.Processes {
		if _, routes := passes(p); routes > 0 && len(p.Modules) > 0 { // the other half of a bar
			c.line("same", c.centre(p), c.y, c.centre(p), c.y+30)
		} else if reached[p.Name] {
			c.arrow("way", c.centre(p), c.y, c.centre(p), c.y+30)
		}
	}
	c.y += 30
}

// bar draws an edge. Clients talk to any of them.
func (c *canvas) bar(p layout.Process, before, routes int) {
	if before == 0 {
		c.arrow("way", c.width/2, c.y, c.width/2, c.y+26)
		c.y += 26
	} else {
		c.y += 6
	}
	c.box(&c.front, "edge", margin, c.y, c.width-2*margin, bar, 8)
	c.text("label strong", "start", margin+16, c.y+25, p.Name+replicas(p))
	c.text("small mono", "middle", c.width/2, c.y+25, strings.Join(p.HTTP, "  "))
	c.text("small", "end", c.width-margin-16, c.y+25, fmt.Sprintf("passes on %d routes", routes))
	c.y += bar
}

func (c *canvas) centre(p layout.Process) float64 { return (c.left[p.Name] + c.right[p.Name]) / 2 }

// processes are boxes around their modules; behind one that has replicas there are more.
func (c *canvas) processes() {
	lines := 1
	for _, p := range c.Processes {
		if len(p.Modules) > 0 {
			lines = max(lines, len(addresses(p)))
		}
	}
	head := 28 + float64(lines)*row
	tall := head + card + padding
	for _, p := range c.Processes {
		if len(p.Modules) == 0 {
			continue
		}
		x, wide := c.left[p.Name], c.right[p.Name]-c.left[p.Name]
		for behind := min(p.Replicas, 3) - 1; behind > 0; behind-- {
			c.box(&c.front, "process", x+float64(5*behind), c.y+float64(5*behind), wide, tall, 10)
		}
		c.box(&c.front, "process", x, c.y, wide, tall, 10)
		c.text("label strong", "middle", x+wide/2, c.y+21, p.Name+replicas(p))
		for i, address := range addresses(p) {
			c.text("small mono", "middle", x+wide/2, c.y+21+float64(i+1)*row, address)
		}
	}
	for _, col := range c.columns {
		fmt.Fprintf(&c.front, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" rx="6" fill="%s"/>`+"\n", col.x, c.y+head, c.wide, card, col.colour)
		middle := col.x + c.wide/2
		c.text("label strong light", "middle", middle, c.y+head+20, col.Name)
		c.text("small light", "middle", middle, c.y+head+36, col.store())
	}
	c.y += tall
	c.top = c.y
	c.y += 24
}

// addresses are where a process is reached, one in a line.
func addresses(p layout.Process) []string {
	all := slices.Clone(p.HTTP)
	for _, address := range p.GRPC {
		all = append(all, "gRPC "+address)
	}
	return all
}

// store says what keeps a module's data.
func (c column) store() string {
	if len(c.Databases) == 0 {
		return ""
	}
	scheme, _, server := strings.Cut(c.Databases[0].Where, "://")
	switch {
	case !server:
		return "SQLite"
	case scheme == "postgres":
		return "PostgreSQL"
	}
	return "MySQL"
}
