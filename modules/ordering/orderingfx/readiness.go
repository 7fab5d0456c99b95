package orderingfx

import (
	"context"
	"errors"
	"time"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// punctual reports orders that should have been given up. It does not close the shop: where the queue of
// tasks stands still that is said already, and a single deadline that cannot be kept keeps nobody from ordering.
func punctual(orders *store.Orders, limits module.Limits) func(context.Context) error {
	return func(ctx context.Context) error {
		stages, err := orders.Unfinished(ctx)
		if err != nil || limits.Backlog == 0 {
			return err
		}
		for _, u := range stages {
			if late := time.Since(u.Deadline); !u.Deadline.IsZero() && late > limits.Backlog {
				text := "an order should have been paid or given up " + late.Round(time.Second).String() + " ago"
				return httpserver.Concern(errors.New(text))
			}
		}
		return nil
	}
}
