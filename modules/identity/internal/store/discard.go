package store

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// atOnce is how many rows one unit of work clears away beside what it is there for.
const atOnce = 500

// discard deletes rows whose time is over by now. Those that somebody else has in hand are left to the
// next one: clearing away is nothing to wait for.
func discard[R any](tx *gorm.DB, over string, now time.Time) error {
	var ids []string
	err := tx.Model(new(R)).Clauses(clause.Locking{Strength: "UPDATE", Options: clause.LockingOptionsSkipLocked}).
		Where(over, now.UnixMicro()).Limit(atOnce).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return err
	}
	return tx.Where("id IN ?", ids).Delete(new(R)).Error
}
