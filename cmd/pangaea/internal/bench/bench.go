// Package bench measures the shop beside references from the same run.
//
// Absolute figures of a machine that others use as well mean nothing; ratios of figures that were taken
// in turns do. So everything is measured in rounds, the shop and its references one after the other in
// each, on one kind of database and then on the next, and what is told is the medians and their ratio.
// Who is measured runs alone: even an idle shop looks at its database now and then.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Options say how much is measured.
type Options struct {
	Databases   []string      // SQLite, Postgres
	PostgresURL string        // of the server on which databases are created and dropped
	RabbitMQURL string        // of the broker on which virtual hosts are; empty: none
	Split       bool          // nothing but the cost of a split is measured
	Rounds      int           // of everything
	Duration    time.Duration // of a measurement
	Clients     int           // that order at the same time
	Rate        int           // orders per second where the time of a checkout is measured
	Starts      int           // of each server
	Monolith    string        // the program to be measured; empty: it is built
	Profile     string        // file for a processor profile of the shop under full load; empty: none
	Progress    io.Writer     // says what is being measured
}

// A bench is a run.
type bench struct {
	Options
	dir     string
	run     string // a name for it that no other run has
	fields  []*field
	split   *split
	servers []interface{ drop(context.Context) error } // on which we have made something
	missing []string                                   // what is not measured, and why
	results map[*contestant]*results
}

// The results of one contestant, one for each round.
type results struct {
	loads     []load
	checkouts [][]time.Duration
	shown     [][]time.Duration // until a product was shown
	direct    [][]time.Duration // likewise, by the process that has the products
	byHand    [][]time.Duration // likewise, through a gateway that is written by hand
	waits     []float64         // seconds from commit to handled, median of each round
	starts    []time.Duration
	memory    []int64
	processes int
	programs  int64 // bytes
}

// Run measures everything and reports.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	dir, err := os.MkdirTemp("", "pangaea-bench-*")
	if err != nil {
		return nil, err
	}
	b := &bench{Options: o, dir: dir, run: strconv.FormatUint(rand.Uint64(), 36), results: map[*contestant]*results{}}
	defer func() {
		for _, s := range b.servers {
			err = first(err, s.drop(ctx))
		}
		if err != nil && ctx.Err() == nil && len(b.results) > 0 {
			b.say("what everybody said is in %s", dir)
			return
		}
		_ = os.RemoveAll(dir)
	}()
	if err := b.gather(ctx); err != nil {
		return nil, err
	}
	for round := range b.Rounds {
		if err := b.everybody(ctx, func(f *field, c *contestant) error { return b.measure(ctx, f, c, round) }); err != nil {
			return nil, err
		}
	}
	for round := range b.Rounds {
		if err := b.split.measure(ctx, round); err != nil {
			return nil, err
		}
	}
	for n := range b.Starts {
		if err := b.everybody(ctx, func(_ *field, c *contestant) error { return b.start(ctx, c, n) }); err != nil {
			return nil, err
		}
	}
	return b.report(), nil
}

// gather makes the contestants.
func (b *bench) gather(ctx context.Context) error {
	if !b.Split {
		if err := b.gatherFields(ctx); err != nil {
			return err
		}
		if !slices.Contains(b.Databases, Postgres) {
			return nil
		}
	}
	err := b.gatherSplit(ctx)
	if errors.Is(err, errAway) && !b.Split {
		b.say("%v", err)
		b.missing = append(b.missing, err.Error())
		return nil
	}
	return err
}

func (b *bench) gatherFields(ctx context.Context) error {
	monolith := b.Monolith
	if monolith == "" {
		b.say("building the monolith")
		monolith = filepath.Join(b.dir, "monolith")
		if err := build(ctx, monolith, b.Profile != ""); err != nil {
			return err
		}
	}
	for _, database := range b.Databases {
		f, err := b.line(ctx, database, monolith)
		if errors.Is(err, errAway) && len(b.Databases) > 1 {
			b.say("%v", err)
			b.missing = append(b.missing, err.Error())
			continue
		}
		if err != nil {
			return err
		}
		b.fields = append(b.fields, f)
		for _, c := range f.contestants() {
			b.results[c] = &results{}
		}
	}
	return nil
}

// everybody has each contestant take its turn.
func (b *bench) everybody(ctx context.Context, turn func(*field, *contestant) error) error {
	for _, f := range b.fields {
		for _, c := range f.contestants() {
			if err := first(ctx.Err(), turn(f, c)); err != nil {
				return fmt.Errorf("the %s: %w", c.name, err)
			}
		}
	}
	return nil
}

// measure measures what a contestant does while it runs.
func (b *bench) measure(ctx context.Context, f *field, c *contestant, round int) error {
	s, err := c.begin(ctx, round)
	if err != nil {
		return err
	}
	defer s.stop()
	r := b.results[c]
	b.say("round %d of %d: %s, %d clients at once", round+1, b.Rounds, c.name, b.Clients)
	fetched := b.profile(ctx, f, c, round)
	l, err := s.full(ctx, b.Clients, b.Duration)
	if err = first(err, <-fetched); err != nil {
		return fmt.Errorf("under full load: %w", err)
	}
	r.loads = append(r.loads, l)
	b.say("round %d of %d: %s, %d orders a second", round+1, b.Rounds, c.name, b.Rate)
	if err := b.pace(ctx, s, r); err != nil {
		return fmt.Errorf("at %d orders a second: %w", b.Rate, err)
	}
	return nil
}

// begin starts a contestant for a round, with no work left over.
func (c *contestant) begin(ctx context.Context, round int) (*server, error) {
	s, _, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	if round == 0 {
		if err = c.prepare(ctx, s.url); err != nil {
			err = fmt.Errorf("prepare: %w", err)
		}
	}
	if err = first(err, s.quiet(ctx)); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
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

// start measures a start on data that is there, and what a server needs when it has been left alone.
func (b *bench) start(ctx context.Context, c *contestant, n int) error {
	b.say("start %d of %d: %s", n+1, b.Starts, c.name)
	s, took, err := c.start(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	pause(ctx, time.Second)
	r := b.results[c]
	r.starts, r.memory = append(r.starts, took), append(r.memory, s.memory())
	return nil
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		fmt.Fprintf(b.Progress, format+"\n", args...)
	}
}
