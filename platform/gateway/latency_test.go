package gateway_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkLatency tells what the way through the gateway costs a client: the median of the same requests,
// directly and through it.
func BenchmarkLatency(b *testing.B) {
	n := newTown(b)
	direct := n.host("127.0.0.1:0", "identity", "things")
	n.list("identity", direct.Address())
	n.list("things", direct.Address())
	o := n.open(defaults)
	token := "Bearer " + n.token("alice")
	for name, send := range map[string]func(address string) (answer, error){
		"anonymous": func(address string) (answer, error) { return ask(o.client, address, "GET", "/api/v1/things", "") },
		"signed in": func(address string) (answer, error) {
			return ask(o.client, address, "GET", "/api/v1/mine", "", "Authorization", token)
		},
		"post": func(address string) (answer, error) {
			return ask(o.client, address, "POST", "/api/v1/things", `{"name":"a"}`, "Idempotency-Key", "k")
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took [2][]time.Duration
			for range b.N {
				for way, address := range []string{direct.Address(), o.server.Address()} {
					began := time.Now()
					got, err := send(address)
					took[way] = append(took[way], time.Since(began))
					require.NoError(b, err)
					require.Less(b, got.status, http.StatusBadRequest, got.body)
				}
			}
			median := func(way int) float64 {
				slices.Sort(took[way])
				return float64(took[way][len(took[way])/2].Microseconds())
			}
			b.ReportMetric(median(0), "µs-direct")
			b.ReportMetric(median(1), "µs-through")
			b.ReportMetric(median(1)-median(0), "µs-added")
		})
	}
}
