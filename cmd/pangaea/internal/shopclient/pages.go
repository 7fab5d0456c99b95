package shopclient

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/url"
)

// list goes through a list page by page, with one call at a time. An error ends it.
func list[T any](ctx context.Context, c *Client, path string, filter url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query := maps.Clone(filter)
		if query == nil {
			query = url.Values{}
		}
		query.Set("page_size", "200")
		for {
			var page struct {
				Items []T    `json:"items"`
				Next  string `json:"next_page_token"`
			}
			if _, err := c.do(ctx, call{method: http.MethodGet, path: path, query: query, answer: &page}); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			query.Set("page_token", page.Next)
		}
	}
}
