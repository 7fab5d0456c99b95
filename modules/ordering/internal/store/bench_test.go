package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
)

// BenchmarkAdd places orders of one line from many callers at once, who share commits.
func BenchmarkAdd(b *testing.B) {
	orders, _ := open(b)
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			o, err := order.Place(draft("ada"), noon)
			require.NoError(b, err)
			_, err = orders.Add(b.Context(), o)
			require.NoError(b, err)
		}
	})
}

// BenchmarkReserve takes one step of the saga per order.
func BenchmarkReserve(b *testing.B) {
	orders, _ := open(b)
	ids := make(chan string, b.N+1000)
	for range b.N {
		ids <- place(b, orders, draft("ada")).State().ID
	}
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			require.NoError(b, orders.Update(b.Context(), <-ids, at((*order.Order).Reserve)))
		}
	})
}
