package inbox

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// Kept counts what an inbox keeps. At rest only dead letters and those behind them are left.
type Kept struct {
	Waiting  int64 // for a predecessor that is on its way
	Retrying int64
	Parked   int64
	Behind   int64 // wait behind a parked one
}

// Kept reports what is kept.
func (i *Inbox) Kept(ctx context.Context) (Kept, error) {
	piles, err := i.piles(ctx)
	return Kept{
		Waiting: piles["waiting"].count, Retrying: piles["retrying"].count,
		Parked: piles["parked"].count, Behind: piles["behind"].count,
	}, err
}

// Overdue reports how long the oldest message has been kept that should not need an operator: one whose
// predecessor has not come, or that fails. It is zero where there is none.
func (i *Inbox) Overdue(ctx context.Context) (age time.Duration, err error) {
	piles, err := i.piles(ctx)
	for _, why := range []State{Waiting, Retrying} {
		if p := piles[string(why)]; p.count > 0 {
			age = max(age, time.Since(p.oldest))
		}
	}
	return age, err
}

// A pile is what is kept for one reason.
type pile struct {
	count  int64
	oldest time.Time // when the first of it was received
}

// piles reports what is kept by why: by state, and behind a parked one.
func (i *Inbox) piles(ctx context.Context) (map[string]pile, error) {
	var rows []struct {
		Why    string
		Count  int64
		Oldest int64
	}
	err := i.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("inbox_messages AS m").Joins(headJoin).
			Select("CASE WHEN m.state = 'waiting' AND h.state = 'parked' THEN 'behind' ELSE m.state END AS why, " +
				"COUNT(*) AS count, MIN(m.received_at) AS oldest").
			Group("why").Find(&rows).Error
	})
	piles := map[string]pile{}
	for _, r := range rows {
		piles[r.Why] = pile{r.Count, time.UnixMicro(r.Oldest)}
	}
	return piles, err
}
