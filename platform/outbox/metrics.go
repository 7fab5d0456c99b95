package outbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A watch measures one relay, by destination.
type watch struct {
	delivered, refused *prometheus.CounterVec
	took               *prometheus.HistogramVec
	pending, oldest    *prometheus.Desc
}

func newWatch(module string) watch {
	labels, by := prometheus.Labels{"module": module}, []string{"destination"}
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, by)
	}
	return watch{
		delivered: counter("pangaea_outbox_delivered_total", "Deliveries that a destination has confirmed."),
		refused:   counter("pangaea_outbox_failures_total", "Deliveries that were not confirmed and are tried again."),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:        "pangaea_outbox_delivery_seconds",
			Help:        "Time from the commit of an event until a destination has confirmed it.",
			ConstLabels: labels,
			Buckets:     prometheus.ExponentialBuckets(0.0005, 1.6, 20), // 0.5 ms … 4 s
		}, by),
		pending: prometheus.NewDesc("pangaea_outbox_pending", "Deliveries that a destination has not yet got.", by, labels),
		oldest:  prometheus.NewDesc("pangaea_outbox_oldest_seconds", "Age of the oldest event that a destination has not yet got.", by, labels),
	}
}

// count notes the outcome of a delivery.
func (w watch) count(d delivery, err error) {
	if err != nil {
		w.refused.WithLabelValues(d.dest).Inc()
		return
	}
	w.delivered.WithLabelValues(d.dest).Inc()
	if !d.committed.IsZero() {
		w.took.WithLabelValues(d.dest).Observe(time.Since(d.committed).Seconds())
	}
}

// Describe names the measurements of the relay, labelled with its module, for Prometheus.
func (r *Relay) Describe(to chan<- *prometheus.Desc) {
	r.watch.delivered.Describe(to)
	r.watch.refused.Describe(to)
	r.watch.took.Describe(to)
	to <- r.watch.pending
	to <- r.watch.oldest
}

// Collect asks the database and gives the measurements to Prometheus.
func (r *Relay) Collect(to chan<- prometheus.Metric) {
	r.watch.delivered.Collect(to)
	r.watch.refused.Collect(to)
	r.watch.took.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	backlog, err := r.outbox.Backlog(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(r.watch.pending, err)
		return
	}
	now, behind := time.Now(), map[string]Backlog{}
	for _, d := range r.all() {
		behind[d.name] = Backlog{Oldest: now}
	}
	for _, b := range backlog {
		behind[b.Destination] = b
	}
	for dest, b := range behind {
		to <- prometheus.MustNewConstMetric(r.watch.pending, prometheus.GaugeValue, float64(b.Pending), dest)
		to <- prometheus.MustNewConstMetric(r.watch.oldest, prometheus.GaugeValue, max(0, now.Sub(b.Oldest).Seconds()), dest)
	}
}
