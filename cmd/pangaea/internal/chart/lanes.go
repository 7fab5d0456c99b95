package chart

import (
	"fmt"
	"slices"
)

// A lane is what one module says, or is asked.
type lane struct {
	of    *column
	marks []mark
}

// A mark is at the column of another module.
type mark struct {
	at    *column
	lines []string
}

// events are a lane for each module that somebody hears.
func (c *canvas) events() (lanes []lane) {
	for i := range c.columns {
		source := lane{of: &c.columns[i]}
		for _, t := range tells(source.of.Module) {
			if at := c.column(t.to); at != nil {
				source.marks = append(source.marks, mark{at, t.events})
			}
		}
		lanes = append(lanes, source)
	}
	return lanes
}

// questions are a lane for each module that somebody asks.
func (c *canvas) questions() (lanes []lane) {
	for i := range c.columns {
		asked := lane{of: &c.columns[i]}
		for j := range c.columns {
			for _, q := range c.columns[j].Asks {
				if q.Module == asked.of.Name {
					asked.marks = append(asked.marks, mark{&c.columns[j], []string{how(q)}})
				}
			}
		}
		lanes = append(lanes, asked)
	}
	return lanes
}

// lanes draws all that have marks, under a title.
func (c *canvas) lanes(title string, lanes []lane) {
	lanes = slices.DeleteFunc(lanes, func(l lane) bool { return len(l.marks) == 0 })
	if len(lanes) == 0 {
		return
	}
	c.text("label title", "start", margin, c.y+14, title)
	c.y += 40
	for _, l := range lanes {
		c.lane(l)
	}
	c.y += 6
}

// lane draws a line from its own column to the farthest marks, and what each mark is about under it.
func (c *canvas) lane(l lane) {
	from, to, lines := l.of.centre, l.of.centre, 0
	for _, m := range l.marks {
		from, to, lines = min(from, m.at.centre), max(to, m.at.centre), max(lines, len(m.lines))
	}
	fmt.Fprintf(&c.back, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="2" opacity="0.55"/>`+"\n", from, c.y, to, c.y, l.of.colour)
	for _, m := range l.marks {
		fmt.Fprintf(&c.front, `<circle cx="%.1f" cy="%.1f" r="5" fill="#ffffff" stroke="%s" stroke-width="2.5"/>`+"\n", m.at.centre, c.y, l.of.colour)
		for i, line := range m.lines {
			fmt.Fprintf(&c.front, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="#ffffff"/>`+"\n",
				m.at.centre-float64(len(line))*letter/2, c.y+8+float64(i*row), float64(len(line))*letter, row)
			c.text("small", "middle", m.at.centre, c.y+19+float64(i*row), line)
		}
	}
	wide := float64(len(l.of.Name))*7 + 20
	fmt.Fprintf(&c.front, `<rect x="%.1f" y="%.1f" width="%.1f" height="22" rx="11" fill="%s"/>`+"\n", l.of.centre-wide/2, c.y-11, wide, l.of.colour)
	c.text("small strong light", "middle", l.of.centre, c.y+4, l.of.Name)
	c.y += 32 + float64(lines*row)
}
