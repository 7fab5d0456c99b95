package knownbugs

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A poller is a relay as one first writes it: in every round it publishes what it finds in the table.
type poller struct {
	db        *database.DB
	publisher message.Publisher
	round     func(ctx context.Context, p *poller, dest string) error
	stop      context.CancelFunc
	stopped   chan struct{}
}

func (p *poller) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop, p.stopped = cancel, make(chan struct{})
	go func() {
		defer close(p.stopped)
		for ctx.Err() == nil {
			for _, dest := range p.destinations(ctx) {
				_ = p.round(ctx, p, dest) // what fails is tried in the next one
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return nil
}

func (p *poller) Stop(context.Context) error {
	p.stop()
	<-p.stopped
	return nil
}

func (p *poller) destinations(ctx context.Context) (names []string) {
	_ = p.db.Read(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_deliveries").Distinct().Pluck("dest", &names).Error
	})
	return names
}

// A pending row is a delivery with its event.
type pending struct {
	EventID           string
	N                 int64
	Payload, Metadata string
}

// after are the next deliveries to dest whose ids are greater than last.
func after(tx *gorm.DB, dest, last string) (rows []pending, err error) {
	err = tx.Table("outbox_deliveries AS d").Joins("JOIN outbox_events AS e ON e.id = d.event_id").
		Select("d.event_id, d.n, e.payload, e.metadata").
		Where("d.dest = ? AND d.event_id > ?", dest, last).Order("d.event_id").Limit(1000).Find(&rows).Error
	return rows, err
}

func remove(tx *gorm.DB, dest string, rows []pending) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.EventID
	}
	return tx.Exec("DELETE FROM outbox_deliveries WHERE dest = ? AND event_id IN ?", dest, ids).Error
}

func (p *poller) publish(ctx context.Context, dest string, r pending) error {
	m := message.NewMessage(r.EventID, []byte(r.Payload))
	if err := json.Unmarshal([]byte(r.Metadata), &m.Metadata); err != nil {
		return err
	}
	m.Metadata[envelope.Number] = strconv.FormatInt(r.N, 10)
	m.SetContext(ctx)
	return p.publisher.Publish(dest, m)
}

// publishAll publishes rows side by side.
func (p *poller) publishAll(ctx context.Context, dest string, rows []pending) error {
	failed := make(chan error, len(rows))
	for _, r := range rows {
		go func() { failed <- p.publish(ctx, dest, r) }()
	}
	var err error
	for range rows {
		if e := <-failed; e != nil {
			err = e
		}
	}
	return err
}

// markFirst makes relays that take note of a delivery as made, and then make it.
func markFirst(db *database.DB, _ *outbox.Outbox, publisher message.Publisher) bustest.Relay {
	return &poller{db: db, publisher: publisher, round: func(ctx context.Context, p *poller, dest string) error {
		var rows []pending
		err := db.Do(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
			if rows, err = after(tx, dest, ""); err != nil {
				return err
			}
			return remove(tx, dest, rows)
		})
		if err != nil {
			return err
		}
		return p.publishAll(ctx, dest, rows)
	}}
}

// A cursor is how far a module has published to one destination: everything up to an id.
type cursor struct {
	mu   sync.Mutex
	last string
}

// cursors makes relays that publish what comes after their cursor, which outlives them and which the
// instances of a module share. Whoever draws an id, is overtaken and commits then is never looked at again.
func cursors() func(*database.DB, *outbox.Outbox, message.Publisher) bustest.Relay {
	var all sync.Map // by module and destination
	return func(db *database.DB, _ *outbox.Outbox, publisher message.Publisher) bustest.Relay {
		return &poller{db: db, publisher: publisher, round: func(ctx context.Context, p *poller, dest string) error {
			found, _ := all.LoadOrStore([2]string{db.Name(), dest}, &cursor{})
			c := found.(*cursor)
			c.mu.Lock()
			defer c.mu.Unlock()
			var rows []pending
			err := db.Read(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
				rows, err = after(tx, dest, c.last)
				return err
			})
			if err != nil || len(rows) == 0 {
				return err
			}
			if err := p.publishAll(ctx, dest, rows); err != nil {
				return err // all of them again
			}
			c.last = rows[len(rows)-1].EventID
			return db.Do(ctx, func(_ context.Context, tx *gorm.DB) error { return remove(tx, dest, rows) })
		}}
	}
}
