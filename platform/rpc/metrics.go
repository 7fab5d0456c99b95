package rpc

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
)

// metrics are rate, errors and duration of each method, as one side sees them.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics(registry prometheus.Registerer, side, done string) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rpc_" + side + "_requests_total", Help: "Questions " + done + ", by method and status.",
		}, []string{"method", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rpc_" + side + "_request_duration_seconds", Help: "How long it took until questions were " + done + ", by method.",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"method"}),
	}
	registry.MustRegister(m.requests, m.duration)
	return m
}

// note counts a question. Methods are those of generated code: nobody can invent labels.
func (m *metrics) note(method string, code codes.Code, took time.Duration) {
	method = strings.TrimPrefix(method, "/")
	m.requests.WithLabelValues(method, code.String()).Inc()
	m.duration.WithLabelValues(method).Observe(took.Seconds())
}
