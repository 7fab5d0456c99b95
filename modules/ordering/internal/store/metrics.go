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
func (s *Orders) Measurements() prometheus.Collector { return measurements{s} }

type measurements struct{ orders *Orders }

var (
	stage      = []string{"stage"}
	unfinished = prometheus.NewDesc("pangaea_ordering_unfinished",
		"Orders that are neither paid nor given up (checkout), and that were given up and have goods or money to get back (settling).", stage, nil)
	oldest = prometheus.NewDesc("pangaea_ordering_oldest_unfinished_seconds",
		"How long the oldest unfinished order has been at its stage; 0 if there is none.", stage, nil)
	overdue = prometheus.NewDesc("pangaea_ordering_overdue_seconds",
		"How long ago the oldest order at the checkout should have been given up; 0 if there is none.", nil, nil)
)

// Describe names the measurements for Prometheus.
func (m measurements) Describe(to chan<- *prometheus.Desc) {
	m.orders.reached.Describe(to)
	to <- unfinished
	to <- oldest
	to <- overdue
}

// Collect asks the database and gives the measurements to Prometheus.
func (m measurements) Collect(to chan<- prometheus.Metric) {
	m.orders.reached.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	list, err := m.orders.Unfinished(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(unfinished, err)
		return
	}
	now, late := time.Now(), 0.0
	for _, u := range list {
		to <- prometheus.MustNewConstMetric(unfinished, prometheus.GaugeValue, float64(u.Count), string(u.Stage))
		to <- prometheus.MustNewConstMetric(oldest, prometheus.GaugeValue, ago(now, u.Since), string(u.Stage))
		late += ago(now, u.Deadline)
	}
	to <- prometheus.MustNewConstMetric(overdue, prometheus.GaugeValue, late)
}

// ago is how many seconds have passed since; 0 if it is to come or never was.
func ago(now, at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return max(0, now.Sub(at).Seconds())
}

// measure notes that an order has come to its status, if that is committed.
func (s *Orders) measure(ctx context.Context, o order.State) {
	database.AfterCommit(ctx, func() {
		s.reached.WithLabelValues(string(o.Status)).Observe(time.Since(o.PlacedAt).Seconds())
	})
}
