package inbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A watch measures one inbox.
type watch struct {
	applied, duplicates, waited, failed, parked prometheus.Counter
	early                                       prometheus.Gauge
	kept, oldest                                *prometheus.Desc
}

func newWatch(module string) watch {
	labels := prometheus.Labels{"module": module}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels})
	}
	return watch{
		applied:    counter("pangaea_inbox_applied_total", "Messages whose effect was committed."),
		duplicates: counter("pangaea_inbox_duplicates_total", "Messages that came again and changed nothing."),
		waited:     counter("pangaea_inbox_waited_total", "Messages that were kept as their predecessor did not come."),
		failed:     counter("pangaea_inbox_failures_total", "Attempts that failed and were rolled back."),
		parked:     counter("pangaea_inbox_parked_total", "Messages that were given up: dead letters."),
		early: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "pangaea_inbox_early", Help: "Messages that wait in memory for their predecessor.", ConstLabels: labels,
		}),
		kept: prometheus.NewDesc("pangaea_inbox_kept", "Messages kept, by why: waiting, retrying, parked, behind a parked one.",
			[]string{"state"}, labels),
		oldest: prometheus.NewDesc("pangaea_inbox_oldest_seconds", "Age of the oldest message kept, by why it is kept.",
			[]string{"state"}, labels),
	}
}

// count notes what became of a message that came.
func (w watch) count(v verdict) {
	switch v {
	case known:
		w.duplicates.Inc()
	case early:
		w.waited.Inc()
	default:
		w.applied.Inc()
	}
}

// counted is what needs no database.
func (w watch) counted() []prometheus.Metric {
	return []prometheus.Metric{w.applied, w.duplicates, w.waited, w.failed, w.parked, w.early}
}

// Describe names the measurements of the inbox, labelled with its module, for Prometheus.
func (i *Inbox) Describe(to chan<- *prometheus.Desc) {
	for _, m := range i.watch.counted() {
		to <- m.Desc()
	}
	to <- i.watch.kept
	to <- i.watch.oldest
}

// Collect asks the database and gives the measurements to Prometheus.
func (i *Inbox) Collect(to chan<- prometheus.Metric) {
	for _, m := range i.watch.counted() {
		to <- m
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	piles, err := i.piles(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(i.watch.kept, err)
		return
	}
	for _, why := range []string{"waiting", "retrying", "parked", "behind"} {
		age, p := 0.0, piles[why]
		if p.count > 0 {
			age = max(0, time.Since(p.oldest).Seconds())
		}
		to <- prometheus.MustNewConstMetric(i.watch.kept, prometheus.GaugeValue, float64(p.count), why)
		to <- prometheus.MustNewConstMetric(i.watch.oldest, prometheus.GaugeValue, age, why)
	}
}
