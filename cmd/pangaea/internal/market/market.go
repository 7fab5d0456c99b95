// Package market carries a retail.Plan out in a shop, over the shop's public API: Stock makes the shop
// ready to sell, Replay sells every invoice again.
//
// Both may be interrupted at any moment and run again: everything has a name that the shop knows it by,
// so that what is done already is found done.
package market

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
)

// source begins the name of everything that comes from the files.
const source = "online-retail"

// customerEmail is the address of a customer's account. Nobody has it: the domain is reserved.
func customerEmail(number int64) string {
	return fmt.Sprintf("customer-%d@online-retail.example", number)
}

func customerName(number int64) string { return fmt.Sprintf("Customer %d", number) }

// Problems are things that could not be done, while the rest was.
type Problems struct {
	mu     sync.Mutex
	Texts  []string `json:"problems"`       // the first of them
	Number int      `json:"problems_total"` // all of them
}

// maxProblems is how many problems are told one by one.
const maxProblems = 100

func (p *Problems) add(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Number++; p.Number <= maxProblems {
		p.Texts = append(p.Texts, fmt.Sprintf(format, args...))
	}
}

// A crew does something for many items, several at a time.
type crew struct {
	shop     *shopclient.Client
	atOnce   int
	board    *progress.Board
	problems *Problems
}

// all is each as a step of its own.
func all[T any](ctx context.Context, c *crew, name string, items []T, work func(context.Context, T) error) error {
	step := c.board.Step(name, len(items))
	defer step.End()
	return each(ctx, c, step, items, work)
}

// each does work for every item. What the shop refuses for one item is noted, and the others go on; an
// error of any other kind ends it.
func each[T any](ctx context.Context, c *crew, step *progress.Step, items []T, work func(context.Context, T) error) error {
	hands, working := errgroup.WithContext(ctx)
	hands.SetLimit(c.atOnce)
	for _, item := range items {
		if working.Err() != nil {
			break
		}
		hands.Go(func() error {
			if err := c.goesOn(work(working, item)); err != nil {
				return err
			}
			step.Add(1)
			return nil
		})
	}
	return errors.Join(hands.Wait(), ctx.Err())
}

// goesOn notes an error that concerns one item only, and returns any other.
func (c *crew) goesOn(err error) error {
	var problem *shopclient.Problem
	if !errors.As(err, &problem) || problem.Status >= 500 ||
		problem.Status == http.StatusUnauthorized || problem.Status == http.StatusForbidden {
		return err
	}
	c.problems.add("%s", err)
	return nil
}
