package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// A Stage is a part of an order's way on which nobody waits for a person, and which so takes no time.
type Stage string

// The stages.
const (
	Checkout Stage = "checkout" // neither paid nor given up
	Settling Stage = "settling" // given up, and goods or money are not back; but not if staff have to send the money
)

// Unfinished are the orders at a stage.
type Unfinished struct {
	Stage    Stage
	Count    int64
	Since    time.Time // when the oldest of them came to the stage; zero if there is none
	Deadline time.Time // when the oldest at the checkout is to be given up
}

// Unfinished reports the orders at each stage, on one snapshot. It costs the same however many orders there are.
func (s *Orders) Unfinished(ctx context.Context) (list []Unfinished, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *gorm.DB) error {
		checkout, err := s.checkingOut(ctx, tx)
		if err != nil {
			return err
		}
		settling, err := unsettled(tx)
		list = []Unfinished{checkout, settling}
		return err
	})
	return list, err
}

// checkingOut finds pending orders by the task that each of them has for its deadline: ids begin with the
// time, so the first is the oldest.
func (s *Orders) checkingOut(ctx context.Context, tx *gorm.DB) (Unfinished, error) {
	u := Unfinished{Stage: Checkout}
	oldest, count, err := s.tasks.First(ctx, Deadline)
	if err != nil || count == 0 {
		return u, err
	}
	order, err := load(tx, "id = ?", oldest)
	u.Count, u.Since, u.Deadline = count, order.PlacedAt, order.DeadlineAt
	return u, err
}

// unsettled finds cancelled orders by their index, which is asked for one thing at a time: asked for all at
// once it would give all that were ever cancelled.
func unsettled(tx *gorm.DB) (Unfinished, error) {
	u := Unfinished{Stage: Settling}
	for _, back := range []struct{ goods, money bool }{{false, false}, {false, true}, {true, false}} {
		var found struct {
			Count int64
			Since int64
		}
		err := tx.Table("orders AS o").Joins("JOIN history AS h ON h.order_id = o.id AND h.status = o.status").
			Where("o.stock_settled = ? AND o.money_settled = ? AND o.cancel_reason > ''", back.goods, back.money).
			Where("o.refund_failed = ?", false).
			Select("COUNT(DISTINCT o.id) AS count, COALESCE(MIN(h.noted_at), 0) AS since").Scan(&found).Error
		if err != nil {
			return u, err
		}
		if since := timeOf(found.Since); found.Count > 0 && (u.Count == 0 || since.Before(u.Since)) {
			u.Since = since
		}
		u.Count += found.Count
	}
	return u, nil
}
