package inbox

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

func counter(name, help string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"module"})
}

var (
	applied    = counter("pangaea_inbox_applied_total", "Messages whose effect was committed.")
	duplicates = counter("pangaea_inbox_duplicates_total", "Messages that came again and changed nothing.")
	waited     = counter("pangaea_inbox_waited_total", "Messages that came before their predecessor.")
	failed     = counter("pangaea_inbox_failures_total", "Attempts that failed and were rolled back.")
	parked     = counter("pangaea_inbox_parked_total", "Messages that were given up: dead letters.")
	keptNow    = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "pangaea_inbox_kept",
		Help: "Messages kept, by why: waiting, retrying, parked, behind a parked one.",
	}, []string{"module", "state"})
)

// Metrics are the measurements of all inboxes of this process, labelled by module.
func Metrics() []prometheus.Collector {
	return []prometheus.Collector{applied, duplicates, waited, failed, parked, keptNow}
}

// A watch measures one inbox.
type watch struct{ applied, duplicates, waited, failed, parked prometheus.Counter }

func watchOf(module string) watch {
	return watch{
		applied.WithLabelValues(module), duplicates.WithLabelValues(module), waited.WithLabelValues(module),
		failed.WithLabelValues(module), parked.WithLabelValues(module),
	}
}

func (w watch) count(t turn) {
	switch t {
	case known:
		w.duplicates.Inc()
	case early:
		w.waited.Inc()
	default:
		w.applied.Inc()
	}
}

// measure tells how many messages are kept.
func (i *Inbox) measure(ctx context.Context) {
	kept, err := i.Kept(ctx)
	if err != nil {
		slog.WarnContext(ctx, "the inbox cannot be read", "module", i.db.Name(), "error", err)
		return
	}
	for state, n := range map[string]int64{
		"waiting": kept.Waiting, "retrying": kept.Retrying, "parked": kept.Parked, "behind": kept.Behind,
	} {
		keptNow.WithLabelValues(i.db.Name(), state).Set(float64(n))
	}
}
