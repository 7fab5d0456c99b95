package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A load is what a server did while as many clients as there are ordered without a pause.
type load struct {
	Accepted   float64       `json:"orders_per_second"`
	Confirmed  float64       `json:"confirmed_per_second"`
	Finished   float64       `json:"finished_per_second"` // from the first order until the last one was confirmed
	Answer     time.Duration `json:"answer_p50_ns"`
	SlowAnswer time.Duration `json:"answer_p99_ns"`
	Lost       float64       `json:"lost"` // acknowledged and not confirmed when all was done

	CPU         time.Duration `json:"cpu_per_checkout_ns"`
	DatabaseCPU time.Duration `json:"database_cpu_per_checkout_ns"` // of a server's processes for it; 0 where there are none
	BrokerCPU   time.Duration `json:"broker_cpu_per_checkout_ns"`   // likewise of a message broker, whoever else used it
	Units       float64       `json:"transactions_per_checkout"`
	Commits     float64       `json:"commits_per_checkout"` // fewer, as transactions share them
}

// Completed is the rate of checkouts that can be kept up: of taking orders, or of confirming them.
func (l load) Completed() float64 { return min(l.Accepted, l.Confirmed) }

// full orders with every client at once, and measures after a fifth of the time more for warming up.
func (s *server) full(ctx context.Context, clients int, d time.Duration) (load, error) {
	token, err := s.open(ctx)
	if err != nil {
		return load{}, err
	}
	c := &crowd{took: make([][]time.Duration, clients)}
	start, err := s.lookAtAll(ctx, &c.accepted)
	if err != nil {
		return load{}, err
	}
	left := c.order(s.url, newOrderBook(token))
	pause(ctx, d/5)
	before, err := s.look(ctx, &c.accepted)
	c.measuring.Store(true)
	pause(ctx, d)
	after, errAfter := s.look(ctx, &c.accepted)
	c.over.Store(true)
	if err := first(left(), err, errAfter); err != nil {
		return load{}, err
	}
	last, err := s.finish(ctx, &c.accepted, start)
	if err := first(err, s.quiet(ctx)); err != nil {
		return load{}, err
	}
	end, err := s.lookAtAll(ctx, &c.accepted)
	l := after.rates(before)
	l.Finished = last.rates(start).Confirmed
	l.Answer, l.SlowAnswer = c.answers()
	end.costs(start, &l)
	return l, err
}

// A crowd is clients who order without a pause, until it is over.
type crowd struct {
	accepted        atomic.Int64
	measuring, over atomic.Bool
	took            [][]time.Duration // for an answer, by client
}

// order lets everybody begin, and returns a function that waits for everybody to leave.
func (c *crowd) order(url string, orders *orderBook) (left func() error) {
	failed := make(chan error, len(c.took))
	var wait sync.WaitGroup
	for i := range c.took {
		wait.Go(func() { failed <- c.client(i, url, orders) })
	}
	return func() error {
		wait.Wait()
		close(failed)
		for err := range failed {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func (c *crowd) client(i int, url string, orders *orderBook) error {
	shop, err := dial(url)
	if err != nil {
		return err
	}
	defer func() { _ = shop.Close() }()
	var request []byte
	for !c.over.Load() {
		request = orders.next(request[:0])
		began := time.Now()
		if _, err := shop.place(request); err != nil {
			return err
		}
		c.accepted.Add(1)
		if c.measuring.Load() {
			c.took[i] = append(c.took[i], time.Since(began))
		}
	}
	return nil
}

func (c *crowd) answers() (half, slow time.Duration) {
	all := slices.Concat(c.took...)
	slices.Sort(all)
	return quantile(all, 0.5), quantile(all, 0.99)
}

// first is the first error of some.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
