package tasks

import (
	"context"
	"database/sql"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"
)

// A gauge is a measurement that is one query.
type gauge struct {
	name, help string
	measure    func(tx *gorm.DB) (float64, error)
}

var gauges = []gauge{
	{"pangaea_tasks_pending", "Tasks to be done, now or later.", count(waiting)},
	{"pangaea_tasks_parked", "Tasks given up, waiting for an operator.", count(parked)},
	{"pangaea_tasks_overdue_seconds", "How long the oldest task that is due has been waiting.", overdue},
}

func count(state string) func(*gorm.DB) (float64, error) {
	return func(tx *gorm.DB) (float64, error) {
		var n int64
		err := tx.Model(&row{}).Where("state = ?", state).Count(&n).Error
		return float64(n), err
	}
}

func overdue(tx *gorm.DB) (float64, error) {
	var due sql.NullInt64
	err := tx.Model(&row{}).Where("state = ?", waiting).Select("MIN(due_at)").Scan(&due).Error
	if err != nil || !due.Valid {
		return 0, err
	}
	return max(0, time.Since(time.UnixMicro(due.Int64)).Seconds()), nil
}

// Describe names the measurements of the queue, labelled with its module, for Prometheus.
func (q *Queue) Describe(to chan<- *prometheus.Desc) {
	for _, g := range gauges {
		to <- q.describe(g)
	}
}

// Collect asks the database and gives the measurements to Prometheus.
func (q *Queue) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), safetyNet)
	defer cancel()
	for _, g := range gauges {
		var value float64
		err := q.db.Query(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
			value, err = g.measure(tx)
			return err
		})
		if err != nil {
			to <- prometheus.NewInvalidMetric(q.describe(g), err)
			continue
		}
		to <- prometheus.MustNewConstMetric(q.describe(g), prometheus.GaugeValue, value)
	}
}

func (q *Queue) describe(g gauge) *prometheus.Desc {
	return prometheus.NewDesc(g.name, g.help, nil, prometheus.Labels{"module": q.db.Name()})
}
