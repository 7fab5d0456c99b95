package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
)

// personRow is an entry of the address book as the database sees it.
type personRow struct {
	AccountID string `gorm:"column:account_id;primaryKey"`
	Email     string `gorm:"column:email"`
	Name      string `gorm:"column:name"`
	ClosedAt  *int64 `gorm:"column:closed_at"`
}

// TableName is the table of the address book.
func (personRow) TableName() string { return "address_book" }

// erased stands for what a notice said to somebody who left.
const erased = "(erased)"

// Person returns what is known of an account, if anything. Within a unit of work an account that is not
// known stays so until it has ended.
func (s *Notices) Person(ctx context.Context, accountID string) (p notice.Person, known bool, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *gorm.DB) error {
		p, known, err = person(tx, accountID)
		if _, within := s.db.Current(ctx); err != nil || known || !within {
			return err
		}
		if err := s.entry(ctx, accountID); err != nil {
			return err
		}
		p, known, err = person(tx, accountID)
		return err
	})
	return p, known, err
}

func person(tx *gorm.DB, accountID string) (notice.Person, bool, error) {
	var row personRow
	err := tx.Where("account_id = ?", accountID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return notice.Person{}, false, nil
	}
	return notice.Person{AccountID: row.AccountID, Email: row.Email, Name: row.Name}, err == nil, err
}

// entry keeps apart who enters an account and who finds that it is not entered.
func (s *Notices) entry(ctx context.Context, accountID string) error {
	return s.guard.Alone(ctx, "entry of "+accountID)
}

// Enter puts somebody into the address book, unless they have left already, and queues what waits for
// the address.
func (s *Notices) Enter(ctx context.Context, p notice.Person) (queued []string, err error) {
	err = s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		queued = nil
		if err := s.entry(ctx, p.AccountID); err != nil {
			return err
		}
		row := personRow{AccountID: p.AccountID, Email: p.Email, Name: p.Name}
		result := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if result.Error != nil || result.RowsAffected == 0 {
			return result.Error
		}
		queued, err = s.move(tx, p.AccountID, map[string]any{"delivery": string(notice.Queued)}, notice.Waiting)
		return err
	})
	return queued, err
}

// Erase forgets who an account belonged to and what its notices said, but for notices that somebody else is
// adding at that moment.
func (s *Notices) Erase(ctx context.Context, accountID string, at time.Time) (unsent []string, err error) {
	closed := at.UnixMicro()
	err = s.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "account_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"email", "name", "closed_at"}),
		}).Create(&personRow{AccountID: accountID, ClosedAt: &closed}).Error
		if err != nil {
			return err
		}
		text := map[string]any{"subject": erased, "body": ""}
		if err := tx.Model(&noticeRow{}).Where("customer_id = ?", accountID).Updates(text).Error; err != nil {
			return err
		}
		unsent, err = s.move(tx, accountID, map[string]any{"delivery": string(notice.Kept)}, notice.Waiting, notice.Queued)
		return err
	})
	return unsent, err
}

// move changes all notices of a customer that are in one of the deliveries, and returns their ids.
func (s *Notices) move(tx *gorm.DB, customer string, changes map[string]any, from ...notice.Delivery) (ids []string, err error) {
	of := tx.Model(&noticeRow{}).Where("customer_id = ? AND delivery IN ?", customer, from).Session(&gorm.Session{})
	if err := of.Order("id").Pluck("id", &ids).Error; err != nil || len(ids) == 0 {
		return nil, err
	}
	return ids, of.Updates(changes).Error
}
