package idempotency

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"
)

const (
	// kept is how long an answer can be had again: a day, and two hours for clocks that are set.
	kept  = 26 * time.Hour
	every = 10 * time.Minute
	step  = 200 // rows in a unit of work, so that nobody waits for it
)

// A purge deletes old answers in the background.
type purge struct {
	stop context.CancelFunc
	done chan struct{}
}

// Start begins to forget answers that are older than a day.
func (k *Keys) Start(context.Context) error {
	ctx, stop := context.WithCancel(context.Background())
	k.purge = purge{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(k.purge.done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			if err := k.Purge(ctx, time.Now().Add(-kept)); err != nil && ctx.Err() == nil {
				slog.Error("old idempotency keys cannot be deleted", "module", k.db.Name(), "error", err)
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

// Stop ends what Start began.
func (k *Keys) Stop(context.Context) error {
	if k.purge.stop != nil {
		k.purge.stop()
		<-k.purge.done
	}
	return nil
}

// Purge forgets the answers given before a moment, in small steps.
func (k *Keys) Purge(ctx context.Context, before time.Time) error {
	for {
		var old []string
		err := k.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Model(&row{}).Where("created_at < ?", before.UnixMicro()).Order("created_at").Limit(step).Pluck("scope", &old).Error
		})
		if err != nil || len(old) == 0 {
			return err
		}
		err = k.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Where("scope IN ?", old).Delete(&row{}).Error
		})
		if err != nil || len(old) < step {
			return err
		}
	}
}
