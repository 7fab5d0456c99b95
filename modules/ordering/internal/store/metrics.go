package store

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// newReached measures how fast orders go their way, and counts them.
func newReached() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "pangaea_ordering_reached_seconds",
		Help:    "Time from placing an order until it had durably reached a status.",
		Buckets: prometheus.ExponentialBuckets(0.002, 1.5, 24), // 2 ms … 22 s
	}, []string{"status"})
}

// Measurements are what Prometheus can be told of orders.
func (s *Orders) Measurements() prometheus.Collector { return s.reached }

// measure notes that an order has come to its status, if that is committed.
func (s *Orders) measure(ctx context.Context, o order.State) {
	database.AfterCommit(ctx, func() {
		s.reached.WithLabelValues(string(o.Status)).Observe(time.Since(o.PlacedAt).Seconds())
	})
}
