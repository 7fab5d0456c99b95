package chart

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// style is for a light ground, which the picture brings along.
const style = `text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1d2433}
.label{font-size:13px}.small{font-size:11px}.strong{font-weight:600}.light{fill:#ffffff}.title{font-weight:600;fill:#5c667a}
.mono{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:10px;fill:#5c667a}
.process{fill:#f4f6fa;stroke:#c3cbd9}.edge{fill:#e8ecf4;stroke:#aab4c6}.clients{fill:#ffffff;stroke:#1d2433}
.way{stroke:#1d2433;stroke-width:1.5}.same{stroke:#aab4c6;stroke-width:8}.thread{stroke:#dfe4ec;stroke-dasharray:2 4}`

func (c *canvas) box(to *strings.Builder, class string, x, y, wide, tall, round float64) {
	fmt.Fprintf(to, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.0f"/>`+"\n", class, x, y, wide, tall, round)
}

func (c *canvas) text(class, anchor string, x, y float64, words string) {
	fmt.Fprintf(&c.front, `<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, anchor, x, y, html.EscapeString(words))
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.back, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", class, x1, y1, x2, y2)
}

// arrow is a line with a head at its end.
func (c *canvas) arrow(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.back, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" marker-end="url(#head)"/>`+"\n", class, x1, y1, x2, y2-2)
}

// write puts the picture together: what is behind comes first.
func (c *canvas) write(out io.Writer) error {
	tall := c.y + margin/2
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img">`+"\n", c.width, tall, c.width, tall)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n", html.EscapeString(c.File), style)
	b.WriteString(`<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#1d2433"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", c.width, tall)
	for _, col := range c.columns {
		fmt.Fprintf(&b, `<line class="thread" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", col.centre, c.top, col.centre, tall-margin)
	}
	b.WriteString(c.back.String())
	b.WriteString(c.front.String())
	b.WriteString("</svg>\n")
	_, err := io.WriteString(out, b.String())
	return err
}
