package database

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A watch measures one database.
type watch struct {
	size, seconds prometheus.Histogram
	reruns        prometheus.Counter
	record        *record
}

func newWatch(module string) *watch {
	labels := prometheus.Labels{"module": module}
	return &watch{
		record: newRecord(labels),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:        "pangaea_database_group_size",
			Help:        "Units of work that shared a transaction.",
			ConstLabels: labels,
			Buckets:     prometheus.ExponentialBuckets(1, 2, 8),
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:        "pangaea_database_group_seconds",
			Help:        "Time from the begin of a group's transaction to its durable commit.",
			ConstLabels: labels,
			Buckets:     prometheus.ExponentialBuckets(0.0001, 2.5, 12),
		}),
		reruns: prometheus.NewCounter(prometheus.CounterOpts{
			Name:        "pangaea_database_reruns_total",
			Help:        "Units of work that ran again alone because the transaction of their group was lost.",
			ConstLabels: labels,
		}),
	}
}

func (w *watch) observe(members int, took time.Duration) {
	w.size.Observe(float64(members))
	w.seconds.Observe(took.Seconds())
}

// Describe names the measurements of the database, labelled with its module, for Prometheus.
func (db *DB) Describe(to chan<- *prometheus.Desc) {
	for _, m := range db.measurements() {
		m.Describe(to)
	}
}

// Collect gives the measurements to Prometheus.
func (db *DB) Collect(to chan<- prometheus.Metric) {
	for _, m := range db.measurements() {
		m.Collect(to)
	}
}

func (db *DB) measurements() []prometheus.Collector {
	w := db.writer.watch
	return []prometheus.Collector{w.size, w.seconds, w.reruns, w.record}
}
