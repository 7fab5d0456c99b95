// Package store keeps notices and the address book as rows.
package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/guard"
)

// noticeRow is a notice as the database sees it.
type noticeRow struct {
	ID         string `gorm:"column:id;primaryKey"`
	Event      string `gorm:"column:event"`
	Kind       string `gorm:"column:kind"`
	CustomerID string `gorm:"column:customer_id"`
	OrderID    string `gorm:"column:order_id"`
	Subject    string `gorm:"column:subject"`
	Body       string `gorm:"column:body"`
	Delivery   string `gorm:"column:delivery"`
	CreatedAt  int64  `gorm:"column:created_at;autoCreateTime:false"`
	ReadAt     *int64 `gorm:"column:read_at"`
	SentAt     *int64 `gorm:"column:sent_at"`
}

// TableName is the table of notices.
func (noticeRow) TableName() string { return "notices" }

// Notices keeps notices and the address book.
type Notices struct {
	db    *database.DB
	guard *guard.Guard
}

// NewNotices returns the notices in db.
func NewNotices(db *database.DB) *Notices { return &Notices{db: db, guard: guard.New(db)} }

// Do runs work as one unit of work, which everything that is given work's ctx joins.
func (s *Notices) Do(ctx context.Context, work func(ctx context.Context) error) error {
	return s.db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error { return work(ctx) })
}

// Add keeps a notice, unless its event was told already.
func (s *Notices) Add(ctx context.Context, n notice.Notice) (added bool, err error) {
	err = s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		result := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "event"}}, DoNothing: true}).Create(&noticeRow{
			ID: n.ID, Event: n.Event, Kind: string(n.Kind), CustomerID: n.CustomerID, OrderID: n.OrderID,
			Subject: n.Subject, Body: n.Body, Delivery: string(n.Delivery), CreatedAt: n.CreatedAt.UnixMicro(),
		})
		added = result.RowsAffected == 1
		return result.Error
	})
	return added, err
}

// Find returns a notice.
func (s *Notices) Find(ctx context.Context, id string) (n notice.Notice, err error) {
	err = s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		row, err := take(tx, id)
		n = row.notice()
		return err
	})
	return n, err
}

// A Filter says which notices are asked for. An empty OrderID is every order's.
type Filter struct {
	CustomerID string
	OrderID    string
}

// List returns up to limit notices older than the one with the id before, or all where it is empty, the
// newest first.
func (s *Notices) List(ctx context.Context, f Filter, before string, limit int) (notices []notice.Notice, err error) {
	err = s.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		query := tx.Where("customer_id = ?", f.CustomerID)
		if f.OrderID != "" {
			query = query.Where("order_id = ?", f.OrderID)
		}
		if before != "" {
			query = query.Where("id < ?", before)
		}
		var rows []noticeRow
		err := query.Order("id DESC").Limit(limit).Find(&rows).Error
		notices = nil
		for _, row := range rows {
			notices = append(notices, row.notice())
		}
		return err
	})
	return notices, err
}

// Read notes that a notice was read, the first time it was.
func (s *Notices) Read(ctx context.Context, id string, at time.Time) (n notice.Notice, err error) {
	err = s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		err := tx.Model(&noticeRow{}).Where("id = ? AND read_at IS NULL", id).Update("read_at", at.UnixMicro()).Error
		if err != nil {
			return err
		}
		row, err := take(tx, id)
		n = row.notice()
		return err
	})
	return n, err
}

// Delivered notes how far a queued notice has come.
func (s *Notices) Delivered(ctx context.Context, id string, d notice.Delivery, at time.Time) error {
	changes := map[string]any{"delivery": string(d)}
	if d == notice.Sent {
		changes["sent_at"] = at.UnixMicro()
	}
	return s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&noticeRow{}).Where("id = ? AND delivery = ?", id, string(notice.Queued)).Updates(changes).Error
	})
}

func take(tx *gorm.DB, id string) (row noticeRow, err error) {
	err = tx.Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && row.ID != id { // MySQL reads over a space at the end
		err = fault.New(fault.NotFound, "there is no such notification")
	}
	return row, err
}

func (r noticeRow) notice() notice.Notice {
	n := notice.Notice{
		ID: r.ID, Event: r.Event, Kind: notice.Kind(r.Kind), CustomerID: r.CustomerID, OrderID: r.OrderID,
		Subject: r.Subject, Body: r.Body, Delivery: notice.Delivery(r.Delivery), CreatedAt: time.UnixMicro(r.CreatedAt).UTC(),
	}
	if r.ReadAt != nil {
		n.ReadAt = time.UnixMicro(*r.ReadAt).UTC()
	}
	return n
}
