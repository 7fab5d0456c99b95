package bench

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// paced places orders at an even rate and returns how long each took from being sent to being confirmed.
func (s *server) paced(ctx context.Context, rate, clients int, d time.Duration) ([]time.Duration, error) {
	token, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	clients = min(clients, rate) // who has nothing to say for seconds is hung up on
	p := &pace{orders: newOrderBook(token), idle: make(chan *conn, clients), failed: make(chan error, clients)}
	for range cap(p.idle) {
		c, err := dial(s.url)
		if err != nil {
			return nil, err
		}
		defer func() { _ = c.Close() }()
		p.idle <- c
	}
	if err := p.keep(ctx, rate, d); err != nil {
		return nil, err
	}
	if err := s.quiet(ctx); err != nil {
		return nil, err
	}
	return s.checkouts(ctx, token, &p.sent)
}

// A pace is clients who order when it is time.
type pace struct {
	orders *orderBook
	idle   chan *conn
	failed chan error
	sent   sync.Map // order id → when it was sent
}

// keep orders at the rate, as long as somebody is idle then, and returns when all are answered.
func (p *pace) keep(ctx context.Context, rate int, d time.Duration) error {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for range int(d.Seconds() * float64(rate)) {
		select {
		case <-tick.C:
		case err := <-p.failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
		go p.order(<-p.idle)
	}
	for range cap(p.idle) {
		<-p.idle
	}
	select {
	case err := <-p.failed:
		return err
	default:
		return nil
	}
}

func (p *pace) order(c *conn) {
	defer func() { p.idle <- c }()
	began := time.Now()
	body, err := c.place(p.orders.next(nil))
	var placed struct{ ID string }
	if err == nil {
		err = json.Unmarshal(body, &placed)
	}
	if err != nil {
		select {
		case p.failed <- err:
		default: // enough others have said so
		}
		return
	}
	p.sent.Store(placed.ID, began)
}
