package market

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
)

// underWay are the statuses of orders that have not ended, in the order in which orders take them: who
// lists them in this order misses no order that moves on meanwhile, unless it has ended.
var underWay = []shopclient.Status{
	shopclient.Placed, shopclient.Reserved, shopclient.Confirmed, shopclient.Paid, shopclient.Dispatched,
}

// awaitOrders waits until all of our orders are delivered, or cancelled with goods and money back, and
// returns them.
func (r *Replayer) awaitOrders(ctx context.Context, ours map[string]bool) (map[string]shopclient.Order, error) {
	step := r.Board.Step("orders ended", len(ours))
	defer step.End()
	err := r.until(ctx, lookEvery, func() (open int, trace string, err error) {
		for _, status := range underWay {
			count := 0
			for o, err := range r.Shop.Orders(ctx, status) {
				if err != nil {
					return 0, "", err
				}
				if ours[o.Reference] {
					count++
				}
			}
			open += count
			trace += fmt.Sprintf("%d %s, ", count, status)
		}
		step.Set(len(ours) - open)
		return open, trace, nil
	})
	if err != nil {
		return nil, err
	}
	var ended map[string]shopclient.Order
	err = r.until(ctx, lookEvery, func() (open int, trace string, err error) {
		if ended, err = r.find(ctx, ours); err != nil {
			return 0, "", err
		}
		for _, o := range ended {
			if !o.Settled {
				open++
			}
		}
		step.Set(len(ours) - open)
		return open, fmt.Sprintf("%d cancelled ones without goods and money back", open), nil
	})
	return ended, err
}

// find looks our orders up in the list of all.
func (r *Replayer) find(ctx context.Context, ours map[string]bool) (map[string]shopclient.Order, error) {
	found := map[string]shopclient.Order{}
	for o, err := range r.Shop.Orders(ctx, "") {
		if err != nil {
			return nil, err
		}
		if ours[o.Reference] {
			found[o.Reference] = o
		}
		if len(found) == len(ours) {
			return found, nil
		}
	}
	for missing := range maps.Keys(ours) {
		if _, ok := found[missing]; !ok {
			return nil, fmt.Errorf("the shop took order %s and does not list it", missing)
		}
	}
	return found, nil
}

// lookEvery is how often the shop is asked how far it has come.
const lookEvery = time.Second

// keepUp waits until the order with that reference is paid or has ended.
func (r *Replayer) keepUp(ctx context.Context, reference string) error {
	return r.until(ctx, lookEvery/5, func() (int, string, error) {
		o, found, err := r.Shop.OrderOf(ctx, reference)
		if err != nil || !found || !slices.Contains(unpaid, o.Status) {
			return 0, "", err
		}
		return 1, fmt.Sprintf("order %s is %s", o.ID, o.Status), nil
	})
}

// unpaid are the statuses in which an order's deadline may still cancel it.
var unpaid = []shopclient.Status{shopclient.Placed, shopclient.Reserved, shopclient.Confirmed}

// until looks again and again until nothing is open. It gives up when what it sees stays the same for
// too long.
func (r *Replayer) until(ctx context.Context, every time.Duration, look func() (open int, trace string, err error)) error {
	last, since := "", time.Now()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		open, trace, err := look()
		if err != nil {
			return err
		}
		if open == 0 {
			return nil
		}
		if trace != last {
			last, since = trace, time.Now()
		}
		if time.Since(since) > r.Stall {
			return fmt.Errorf("nothing has happened for %s and %d have not ended (%s): see whether the shop works", r.Stall, open, trace)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
