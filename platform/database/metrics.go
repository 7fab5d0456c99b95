package database

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	groupSize = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "pangaea_database_group_size",
		Help:    "Units of work that shared a transaction.",
		Buckets: prometheus.ExponentialBuckets(1, 2, 8),
	}, []string{"module"})
	groupSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "pangaea_database_group_seconds",
		Help:    "Time from BEGIN to the durable commit of a group.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 12),
	}, []string{"module"})
	groupReruns = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pangaea_database_reruns_total",
		Help: "Units of work that ran again alone because the transaction of their group was lost.",
	}, []string{"module"})
)

// Metrics are the measurements of all databases of this process, labelled by module.
func Metrics() []prometheus.Collector {
	return []prometheus.Collector{groupSize, groupSeconds, groupReruns}
}

// A watch measures one database.
type watch struct {
	size, seconds prometheus.Observer
	reruns        prometheus.Counter
}

func watchOf(module string) *watch {
	return &watch{
		size:    groupSize.WithLabelValues(module),
		seconds: groupSeconds.WithLabelValues(module),
		reruns:  groupReruns.WithLabelValues(module),
	}
}

func (w *watch) observe(members int, took time.Duration) {
	w.size.Observe(float64(members))
	w.seconds.Observe(took.Seconds())
}
