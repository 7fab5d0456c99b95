package database

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Writable returns why work that writes cannot be done at the moment, or nil. The work itself tells: what
// became of a commit in the last few seconds is believed. Where there was none, a row is written and
// deleted in one unit of work, flushed like any other, which may wait and hang like any other.
func (db *DB) Writable(ctx context.Context) error {
	if known, err := db.writer.watch.record.tells(); known {
		return err
	}
	return db.Do(ctx, touch)
}

// touch writes, and leaves nothing. The row is nobody else's, so that nobody waits for its lock.
func touch(_ context.Context, tx *gorm.DB) error {
	row := instanceRow{ID: uuid.NewString()}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return tx.Delete(&row).Error
}

// believed is how long what became of a commit says what will become of the next.
const believed = 5 * time.Second

// A record is what became of the commits of a database.
type record struct {
	committedAt, failingSince *prometheus.Desc

	mu        sync.Mutex
	committed time.Time // the last that succeeded
	failing   time.Time // the first that failed after it
	failed    time.Time // the last that did
	cause     error
}

func newRecord(labels prometheus.Labels) *record {
	return &record{
		committedAt: prometheus.NewDesc("pangaea_database_last_commit_timestamp_seconds",
			"When the last unit of work was durably committed.", nil, labels),
		failingSince: prometheus.NewDesc("pangaea_database_failing_since_timestamp_seconds",
			"Since when the database could commit nothing; 0 if it can.", nil, labels),
	}
}

// succeeded notes a durable commit.
func (r *record) succeeded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.committed, r.failing, r.failed, r.cause = time.Now(), time.Time{}, time.Time{}, nil
}

// heard notes what a member is told, if it is the database's fault: that it may try again, and not
// because its change said so.
func (r *record) heard(m *member, told error) {
	if _, said := fault.As(m.err); said || !fault.Is(told, fault.Unavailable) && !fault.Is(told, fault.Unknown) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.cause == nil {
		r.failing = now
	}
	r.failed, r.cause = now, told
}

// tells reports what the last commits say of the next, if they say anything.
func (r *record) tells() (known bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.committed
	if r.cause != nil {
		last = r.failed
	}
	return time.Since(last) < believed, r.cause
}

// Describe names the measurements for Prometheus.
func (r *record) Describe(to chan<- *prometheus.Desc) {
	to <- r.committedAt
	to <- r.failingSince
}

// Collect gives the measurements to Prometheus.
func (r *record) Collect(to chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for desc, at := range map[*prometheus.Desc]time.Time{r.committedAt: r.committed, r.failingSince: r.failing} {
		seconds := 0.0
		if !at.IsZero() {
			seconds = float64(at.UnixMicro()) / 1e6
		}
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, seconds)
	}
}
