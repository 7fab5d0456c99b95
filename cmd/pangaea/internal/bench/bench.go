// Package bench measures the shop beside references from the same run.
//
// Absolute figures of a machine that others use as well mean nothing; ratios of figures that were taken
// in turns do. So everything is measured in rounds, the shop and its references one after the other in
// each, and what is told is the medians and their ratio.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench/reference"
)

// Options say how much is measured.
type Options struct {
	Rounds   int           // of everything
	Duration time.Duration // of a measurement
	Clients  int           // that order at the same time
	Rate     int           // orders per second where the time of a checkout is measured
	Starts   int           // of each server
	Monolith string        // the program to be measured; empty: it is built
	Profile  string        // file for a processor profile of the shop under full load; empty: none
	Progress io.Writer     // says what is being measured
}

// A bench is a run.
type bench struct {
	Options
	dir     string
	shop    *contestant
	four    *contestant // the reference of the goals
	same    *contestant // the reference with the product's own steps
	results map[*contestant]*results
}

// The results of one contestant, one for each round.
type results struct {
	loads     []load
	checkouts [][]time.Duration
	waits     []float64 // seconds from commit to handled, median of each round
	starts    []time.Duration
	memory    []int64
}

// Run measures everything and reports.
func Run(ctx context.Context, o Options) (*Report, error) {
	dir, err := os.MkdirTemp("", "pangaea-bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{Options: o, dir: dir, results: map[*contestant]*results{}}
	profiler, err := b.gather(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.serve(ctx, profiler); err != nil {
		return nil, err
	}
	if err := b.startAll(ctx); err != nil {
		return nil, err
	}
	return b.report(), nil
}

// gather makes the contestants.
func (b *bench) gather(ctx context.Context) (profiler string, err error) {
	monolith := b.Monolith
	if monolith == "" {
		b.say("building the monolith")
		monolith = filepath.Join(b.dir, "monolith")
		if err := build(ctx, monolith, b.Profile != ""); err != nil {
			return "", err
		}
	}
	if b.Profile != "" {
		if profiler, err = freeAddress(); err != nil {
			return "", err
		}
	}
	folder := func(name string) string { return filepath.Join(b.dir, name) }
	b.shop = newShop(folder("shop"), monolith, profiler)
	if b.four, err = newReference(folder("four"), reference.Four); err != nil {
		return "", err
	}
	if b.same, err = newReference(folder("same"), reference.Same); err != nil {
		return "", err
	}
	for _, c := range b.contestants() {
		b.results[c] = &results{}
		if err := os.Mkdir(c.dir, 0o700); err != nil {
			return "", err
		}
	}
	return profiler, nil
}

func (b *bench) contestants() []*contestant { return []*contestant{b.shop, b.four, b.same} }

// serve measures what they do while they run, all of them at the same time and one of them busy.
func (b *bench) serve(ctx context.Context, profiler string) error {
	running := map[*contestant]*server{}
	for _, c := range b.contestants() {
		s, _, err := c.start(ctx)
		if err != nil {
			return err
		}
		defer s.stop()
		running[c] = s
		if err := first(c.prepare(ctx, s.url), s.quiet(ctx)); err != nil {
			return fmt.Errorf("prepare the %s: %w", c.name, err)
		}
	}
	for round := range b.Rounds {
		for _, c := range b.contestants() {
			s, r := running[c], b.results[c]
			b.say("round %d of %d: %s, %d clients at once", round+1, b.Rounds, c.name, b.Clients)
			fetched := b.profile(ctx, c, round, profiler)
			l, err := s.full(ctx, b.Clients, b.Duration)
			if err = first(err, <-fetched); err != nil {
				return fmt.Errorf("the %s under full load: %w", c.name, err)
			}
			r.loads = append(r.loads, l)
		}
		for _, c := range b.contestants() {
			b.say("round %d of %d: %s, %d orders a second", round+1, b.Rounds, c.name, b.Rate)
			if err := b.pace(ctx, running[c], b.results[c]); err != nil {
				return fmt.Errorf("the %s at %d orders a second: %w", c.name, b.Rate, err)
			}
		}
	}
	return nil
}

const (
	idleRate   = 10 // orders per second that leave a system idle
	deliveries = "pangaea_outbox_delivery_seconds"
)

// pace measures the time of checkouts, and of single deliveries where there is next to nothing to do.
func (b *bench) pace(ctx context.Context, s *server, r *results) error {
	took, err := s.paced(ctx, b.Rate, b.Clients, b.Duration)
	if err != nil {
		return err
	}
	r.checkouts = append(r.checkouts, took)
	before, err := s.metrics(ctx)
	if err != nil {
		return err
	}
	if _, err := s.paced(ctx, idleRate, b.Clients, b.Duration); err != nil {
		return err
	}
	after, err := s.metrics(ctx)
	r.waits = append(r.waits, after.since(before).histogramQuantile(deliveries, "", 0.5))
	return err
}

// startAll measures starts on data that is there, and what a server needs when it has been left alone.
func (b *bench) startAll(ctx context.Context) error {
	for n := range b.Starts {
		for _, c := range b.contestants() {
			b.say("start %d of %d: %s", n+1, b.Starts, c.name)
			s, took, err := c.start(ctx)
			if err != nil {
				return err
			}
			pause(ctx, time.Second)
			r := b.results[c]
			r.starts, r.memory = append(r.starts, took), append(r.memory, s.memory())
			s.stop()
		}
	}
	return ctx.Err()
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		fmt.Fprintf(b.Progress, format+"\n", args...)
	}
}
