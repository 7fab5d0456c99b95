package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench/reference"
)

// An orderBook writes requests that place an order: three products each, as a whole and ready to be sent.
type orderBook struct {
	starts, ends [][]byte // of a few dozen requests: an Idempotency-Key is between them
	written      atomic.Int64
	run          string
}

// variants is how many different orders there are.
const variants = 64

type item struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

func newOrderBook(token string) *orderBook {
	b := &orderBook{run: strconv.FormatUint(rand.Uint64(), 36)}
	for range variants {
		picked := rand.Perm(reference.SKUs)[:3]
		body, _ := json.Marshal(map[string]any{ // strings and numbers always can be
			"items":   []item{{reference.SKU(picked[0]), 1}, {reference.SKU(picked[1]), 2}, {reference.SKU(picked[2]), 1}},
			"payment": map[string]any{"card_token": "tok_approve"},
			"shipping_address": map[string]any{
				"name": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB",
			},
		})
		b.starts = append(b.starts, fmt.Appendf(nil,
			"POST /api/v1/orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nIdempotency-Key: ",
			token, len(body)))
		b.ends = append(b.ends, append([]byte("\r\n\r\n"), body...))
	}
	return b
}

// next appends a request to page.
func (b *orderBook) next(page []byte) []byte {
	n := b.written.Add(1)
	page = append(page, b.starts[n%variants]...)
	page = append(page, b.run...)
	page = append(page, '-')
	page = strconv.AppendInt(page, n, 10)
	return append(page, b.ends[n%variants]...)
}
