package storefront

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// drawProduct draws a picture for a product that has none: the same for the same SKU, always.
func drawProduct(c *gin.Context) {
	c.Header("Cache-Control", "public, max-age=86400")
	c.Data(http.StatusOK, "image/svg+xml", []byte(art(strings.TrimSuffix(c.Param("sku"), ".svg"))))
}

// palettes are a ground and three colours that go with it.
var palettes = [][4]string{
	{"#f6e7d8", "#c8553d", "#588b8b", "#f28f3b"},
	{"#e3ecea", "#2f6f6b", "#e2a03f", "#93b7be"},
	{"#f3e3e6", "#8c2f5b", "#e5989b", "#355070"},
	{"#e9ecdb", "#5f7145", "#d4a24c", "#a3b18a"},
	{"#e4e7f2", "#3d4c8a", "#d98248", "#8ea2d6"},
	{"#f5ecd2", "#7a5c2e", "#c23b22", "#dcae52"},
}

// art composes rounded shapes on a grid, as on wrapping paper.
func art(sku string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(sku)) // a hash takes everything
	random := rand.New(rand.NewPCG(hash.Sum64(), 7))
	palette := palettes[random.IntN(len(palettes))]
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240"><rect width="240" height="240" fill="%s"/>`, palette[0])
	const cell = 80
	for y := 0; y < 240; y += cell {
		for x := 0; x < 240; x += cell {
			first, second := palette[1+random.IntN(3)], palette[1+random.IntN(3)]
			switch random.IntN(5) {
			case 0:
				fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="30" fill="%s"/><circle cx="%d" cy="%d" r="13" fill="%s"/>`, x+40, y+40, first, x+40, y+40, palette[0])
			case 1:
				fmt.Fprintf(&b, `<path d="M%d %da%d %d 0 0 1 %d %dz" fill="%s"/>`, x, y+cell, cell, cell, cell, -cell, first)
				fmt.Fprintf(&b, `<path d="M%d %dh%dv%dz" fill="%s" opacity=".85"/>`, x, y+cell, cell, -cell, first)
			case 2:
				fmt.Fprintf(&b, `<path d="M%d %dh40v40h-40z" fill="%s"/><path d="M%d %dh40v40h-40z" fill="%s"/>`, x, y, first, x+40, y+40, second)
			case 3:
				fmt.Fprintf(&b, `<path d="M%d %dl40 40-40 40z" fill="%s"/><path d="M%d %dl-40 40 40 40z" fill="%s"/>`, x, y, first, x+cell, y, second)
			default:
				for i := range 4 {
					fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="9" fill="%s"/>`, x+20+40*(i%2), y+20+40*(i/2), first)
				}
			}
		}
	}
	b.WriteString(`</svg>`)
	return b.String()
}
