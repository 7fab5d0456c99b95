package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/ratelimit"
)

func replayEvents() *cobra.Command {
	var run eventReplay
	command := &cobra.Command{
		Use:   "replay --from MODULE --to MODULE",
		Short: "Tell a module what another one announced before it listened, with the shop running or stopped",
		Long: `Addresses the events that one module keeps to another one that was never told them. Those that it was told
are left out, so doing it again changes nothing, and after an interruption it goes on. The running shop
delivers them, or the next one that starts. docs/operations.md says in which order they come.

The exit code is 0 if it is done, 1 if it was interrupted or failed on its way, 2 if it could not begin.`,
		Args: begins(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error { return run.run(command) },
	}
	run.where.flags(command)
	flags := command.Flags()
	flags.StringVar(&run.from, "from", "", "module whose events they are")
	flags.StringVar(&run.to, "to", "", "module that is to hear them")
	flags.StringSliceVar(&run.named, "event", nil, "only this event; may be given again (default: all that the module hears)")
	flags.StringVar(&run.since, "since", "", "that occurred since a time, a date (UTC) or so long ago, such as 2h or 7d")
	flags.StringVar(&run.before, "before", "", "that occurred before such a time")
	flags.StringVar(&run.pace, "rate", "500/s", "how fast: a rate such as 500/s or 1000/m, or off")
	flags.BoolVar(&run.dry, "dry-run", false, "count, and do nothing")
	return command
}

// An eventReplay is a replay as it was asked for, and how far it has come.
type eventReplay struct {
	where               whereabouts
	from, to            string
	named               []string
	since, before, pace string
	dry                 bool

	filter outbox.Filter
	rate   ratelimit.Rate
	report replayReport
}

func (r *eventReplay) run(command *cobra.Command) (err error) {
	ctx, stop := untilInterrupted(command)
	defer stop()
	db, err := r.open(ctx)
	if err != nil {
		return ending(notBegun, unchanged(ctx, err))
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	manifest, err := contracts.Subscriptions()
	if err != nil {
		return ending(notBegun, unchanged(ctx, err))
	}
	box := outbox.New(db, manifest)
	survey, err := box.Survey(ctx, r.to, r.filter)
	if err != nil {
		return ending(notBegun, unchanged(ctx, err))
	}
	r.report = newReplayReport(r, survey)
	out := command.OutOrStdout()
	if r.where.output == "text" {
		if err := r.report.survey(out); err != nil {
			return err
		}
	}
	if !r.dry && survey.ToDo() > 0 {
		err = r.replay(ctx, db, box, command.ErrOrStderr())
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted after %d of %d: run it again to go on", r.report.Replayed, r.report.ToDo)
	}
	return errors.Join(err, r.where.tell(out, r.report, func() error { return r.report.end(out) }))
}

// open finds out what is asked for, and opens the database of the module that is to speak.
func (r *eventReplay) open(ctx context.Context) (*database.DB, error) {
	if r.from == "" || r.to == "" {
		return nil, errors.New("name two modules, with --from and --to")
	}
	if err := r.rate.UnmarshalText([]byte(r.pace)); err != nil {
		return nil, fmt.Errorf("--rate is %q: %w", r.pace, err)
	}
	var err error
	if r.filter.Since, r.filter.Before, err = span(r.since, r.before); err != nil {
		return nil, err
	}
	if err := r.where.check(); err != nil {
		return nil, err
	}
	places, err := r.where.places()
	if err != nil {
		return nil, err
	}
	members, err := roll()
	if err != nil {
		return nil, err
	}
	if r.filter.Names, err = heard(members, r.from, r.to, r.named); err != nil {
		return nil, err
	}
	place, err := places(r.from)
	if err != nil {
		return nil, err
	}
	source, _ := member(members, r.from) // heard has found it
	place.Migrations = source.Migrations
	if r.dry {
		return database.OpenReadOnly(ctx, r.from, place)
	}
	return database.Attach(ctx, r.from, place)
}

// replay addresses the events, step by step and no faster than it may, until all are or somebody interrupts.
func (r *eventReplay) replay(ctx context.Context, db *database.DB, box *outbox.Outbox, watched io.Writer) error {
	if err := r.note(ctx, db); err != nil {
		return err
	}
	limit, size := r.limit()
	board := progress.To(watched)
	defer board.Close()
	step := board.Step("events", int(r.report.ToDo))
	for n, err := range box.ReplaySteps(ctx, r.to, r.filter, size) {
		if err != nil {
			return err
		}
		r.report.Replayed += int64(n)
		step.Add(n)
		if err := limit.WaitN(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// limit returns what holds steps back, and how large they may be: a fifth of a second's events.
func (r *eventReplay) limit() (limit *rate.Limiter, size int) {
	if r.rate.Count == 0 {
		return rate.NewLimiter(rate.Inf, outbox.ReplayStep), outbox.ReplayStep
	}
	second := float64(r.rate.Count) / r.rate.Per.Seconds()
	size = min(outbox.ReplayStep, max(1, int(second/5)))
	limit = rate.NewLimiter(rate.Limit(second), size)
	limit.AllowN(time.Now(), size) // no head start
	return limit, size
}

// note keeps in the audit log that somebody replays events.
func (r *eventReplay) note(ctx context.Context, db *database.DB) error {
	who, err := operator()
	if err != nil {
		return err
	}
	ctx = auth.With(ctx, auth.Principal{Subject: who})
	details := map[string]string{"events": strings.Join(r.filter.Names, " "), "to_do": fmt.Sprint(r.report.ToDo)}
	for name, t := range map[string]time.Time{"since": r.filter.Since, "before": r.filter.Before} {
		if !t.IsZero() {
			details[name] = t.Format(time.RFC3339)
		}
	}
	return audit.New(db).Detail(ctx, "events.replay", r.to, "", details)
}
