package outbox

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	pendingNow = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "pangaea_outbox_pending",
		Help: "Deliveries that a destination has not yet got.",
	}, []string{"module", "destination"})
	oldestSeconds = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "pangaea_outbox_oldest_seconds",
		Help: "Age of the oldest event that a destination has not yet got.",
	}, []string{"module", "destination"})
	delivered = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pangaea_outbox_delivered_total",
		Help: "Deliveries that a destination has confirmed.",
	}, []string{"module", "destination"})
	refused = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pangaea_outbox_failures_total",
		Help: "Deliveries that were not confirmed and are tried again.",
	}, []string{"module", "destination"})
)

// Metrics are the measurements of all outboxes of this process, labelled by module and destination.
func Metrics() []prometheus.Collector {
	return []prometheus.Collector{pendingNow, oldestSeconds, delivered, refused}
}

// count notes the outcome of a delivery.
func count(module, dest string, err error) {
	if err != nil {
		refused.WithLabelValues(module, dest).Inc()
		return
	}
	delivered.WithLabelValues(module, dest).Inc()
}

// measure tells how far every destination is behind.
func (r *Relay) measure() error {
	backlog, err := r.outbox.Backlog(r.publishing)
	if err != nil {
		return err
	}
	module, now := r.outbox.db.Name(), time.Now()
	for _, d := range r.all() {
		pendingNow.WithLabelValues(module, d.name).Set(0)
		oldestSeconds.WithLabelValues(module, d.name).Set(0)
	}
	for _, b := range backlog {
		pendingNow.WithLabelValues(module, b.Destination).Set(float64(b.Pending))
		oldestSeconds.WithLabelValues(module, b.Destination).Set(now.Sub(b.Oldest).Seconds())
	}
	return nil
}
