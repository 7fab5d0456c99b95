package inbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	atOnce     = 16 // lanes with kept messages worked on at a time
	fullLook   = 20 // every so many looks are for stragglers as well
	laneWindow = 64 // lanes taken by one look
)

// Start begins to apply kept messages: those that are due again, and those whose turn has come without
// anybody noticing, because the process ended between two messages or an operator took one away.
func (i *Inbox) Start(context.Context) error {
	i.db.Owned("inbox_messages", i.lookAround)
	i.running.Go(func() {
		select {
		case <-i.ready:
			i.work()
		case <-i.working.Done():
		}
	})
	return nil
}

// Stop begins no further kept message and waits for those that are being applied, as long as ctx lasts.
func (i *Inbox) Stop(ctx context.Context) error {
	i.quit()
	done := make(chan struct{})
	go func() {
		i.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (i *Inbox) work() {
	poll := time.NewTicker(i.options.Poll)
	defer poll.Stop()
	busy := &busy{lanes: map[laneID]bool{}, free: make(chan struct{}, 1)}
	defer busy.workers.Wait()

	ctx := context.Background()
	for looks := 0; ; looks++ {
		i.start(ctx, busy, retries)
		if looks%fullLook == 0 {
			i.start(ctx, busy, stragglers)
		}
		select {
		case <-poll.C:
		case <-busy.free:
		case <-i.wake:
			looks = -1
		case <-i.working.Done():
			return
		}
	}
}

// start puts workers on lanes that a query finds, with messages of ours, and that have none.
func (i *Inbox) start(ctx context.Context, busy *busy, query func(*gorm.DB) *gorm.DB) {
	var rows []laneRow
	err := i.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		return query(tx).Where("m.owner = ?", i.db.Instance()).Order("m.due_at").Limit(laneWindow).Find(&rows).Error
	})
	if err != nil {
		slog.WarnContext(ctx, "the inbox cannot be read", "module", i.db.Name(), "error", err)
	}
	for _, r := range rows {
		id := laneID{r.Source, r.EventKey}
		if busy.claim(id) {
			busy.workers.Go(func() {
				defer busy.release(id)
				i.follow(ctx, id)
			})
		}
	}
}

// retries finds lanes whose failed message is due again.
func retries(tx *gorm.DB) *gorm.DB {
	return tx.Table("inbox_messages AS m").Select("m.source, m.event_key").
		Where("m.state = ? AND m.due_at <= ?", Retrying, time.Now().UnixMicro())
}

// stragglers finds lanes with a waiting message whose predecessor has been applied.
func stragglers(tx *gorm.DB) *gorm.DB {
	return tx.Table("inbox_messages AS m").Select("m.source, m.event_key").
		Joins("JOIN inbox_lanes AS l ON l.source = m.source AND l.event_key = m.event_key AND m.n = l.last_n + 1").
		Where("m.state = ?", Waiting)
}

// busy are the lanes that are being worked on.
type busy struct {
	mu      sync.Mutex
	lanes   map[laneID]bool
	workers sync.WaitGroup
	free    chan struct{} // told when all were taken and one is not any more
}

func (b *busy) claim(id laneID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lanes[id] || len(b.lanes) >= atOnce {
		return false
	}
	b.lanes[id] = true
	return true
}

func (b *busy) release(id laneID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lanes) == atOnce {
		select {
		case b.free <- struct{}{}:
		default:
		}
	}
	delete(b.lanes, id)
}
