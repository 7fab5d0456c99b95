package tasks

import (
	"context"

	"gorm.io/gorm"
)

// First returns the smallest key of all tasks of a kind, waiting or parked, and how many there are. Where
// keys begin with the time, as those of UUIDv7 do, that is what has been there longest.
func (q *Queue) First(ctx context.Context, kind string) (key string, count int64, err error) {
	var found struct {
		Smallest string
		Count    int64
	}
	err = q.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&row{}).Where("kind = ?", kind).Select("COALESCE(MIN(task_key), '') AS smallest, COUNT(*) AS count").Scan(&found).Error
	})
	return found.Smallest, found.Count, err
}
