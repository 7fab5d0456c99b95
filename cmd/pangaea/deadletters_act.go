package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
)

func retryLetters() *cobra.Command {
	return actOnLetters(deadletters.Retry, "Have letters tried again, with all their attempts before them")
}

func dropLetters() *cobra.Command {
	return actOnLetters(deadletters.Drop, "Give letters up for good: they count as handled, and those behind them follow")
}

// actOnLetters is a command that does something to the letters with some IDs, or to those that a filter chooses.
func actOnLetters(verb deadletters.Verb, short string) *cobra.Command {
	var run letterRun
	command := &cobra.Command{
		Use:   string(verb) + " [ID…]",
		Short: short,
		Long: short + `.

With IDs it is done at once. With a filter instead the letters are counted and nothing is done without
--yes; --all is the filter that means everything that was given up.`,
		RunE: run.run,
	}
	run.Verb = verb
	run.where.flags(command)
	run.filter.flags(command)
	flags := command.Flags()
	flags.BoolVar(&run.all, "all", false, "everything that was given up")
	flags.BoolVar(&run.yes, "yes", false, "do it to everything that the filter chooses")
	flags.BoolVar(&run.dry, "dry-run", false, "count, and do nothing")
	flags.StringVar(&run.Reason, "reason", "", "why, for the audit log (drop needs one)")
	return command
}

// A letterRun is something that is done to letters, and what became of it.
type letterRun struct {
	deadletters.Action
	where         whereabouts
	filter        letterFilter
	all, yes, dry bool

	chosen []deadletters.Letter
	report letterReport
}

func (r *letterRun) run(command *cobra.Command, ids []string) (err error) {
	ctx, stop := untilInterrupted(command)
	defer stop()
	if err := r.check(ids); err != nil {
		return ending(notBegun, unchanged(ctx, err))
	}
	office, err := r.where.office(ctx, r.filter.module)
	if err != nil {
		return ending(notBegun, unchanged(ctx, err))
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	r.report = letterReport{Action: r.Verb, DryRun: r.dry, Failed: []letterFailure{}}
	if err := r.choose(ctx, office, ids); err != nil {
		return ending(notBegun, unchanged(ctx, err))
	}
	if !r.dry {
		r.act(ctx, office, command.ErrOrStderr())
	}
	out := command.OutOrStdout()
	if err := r.where.tell(out, r.report, func() error { return r.report.text(out) }); err != nil {
		return err
	}
	switch n := len(r.report.Failed); {
	case ctx.Err() != nil:
		return errors.New("interrupted: run it again to go on")
	case n > 0:
		return fmt.Errorf("%d of %d could not be done", n, n+r.report.Done)
	}
	return nil
}

// check finds out what is asked for before any database is opened.
func (r *letterRun) check(ids []string) error {
	if err := r.filter.read(); err != nil {
		return err
	}
	filtered := r.all || r.filter.Chosen() || r.filter.module != ""
	switch {
	case filtered && len(ids) > 0:
		return errors.New("either IDs or a filter, not both")
	case !filtered && len(ids) == 0:
		return errors.New("name IDs or a filter, such as --event; --all means everything that was given up")
	case r.filter.State == deadletters.Waiting:
		return errors.New("what waits follows the letter that it waits behind: act on that")
	case r.Verb == deadletters.Drop && r.Reason == "" && !r.dry:
		return errors.New("say with --reason why: it is kept in the audit log")
	case r.yes && r.dry:
		return errors.New("either --yes or --dry-run, not both")
	}
	r.dry = r.dry || filtered && !r.yes
	var err error
	r.Operator, err = operator()
	return err
}

// choose finds the letters, and counts what waits behind them.
func (r *letterRun) choose(ctx context.Context, office *deadletters.Office, ids []string) error {
	for _, id := range ids {
		letter, err := office.Find(ctx, id)
		if err != nil {
			r.fail(id, err)
			continue
		}
		if !slices.ContainsFunc(r.chosen, func(l deadletters.Letter) bool { return l.ID == letter.ID }) {
			r.chosen = append(r.chosen, letter)
		}
	}
	if len(ids) == 0 {
		filter := r.filter.Filter
		if filter.State == deadletters.Dead {
			filter.State = deadletters.Parked
		}
		err := each(ctx, office, filter, func(l deadletters.Letter) {
			if l.State != deadletters.Waiting {
				r.chosen = append(r.chosen, l)
			}
		})
		if err != nil {
			return err
		}
	}
	r.report.Chosen, r.report.Groups = len(r.chosen), deadletters.Tally(r.chosen)
	heads := map[string]bool{}
	for _, l := range r.chosen {
		heads[l.ID] = true
	}
	return each(ctx, office, deadletters.Filter{State: deadletters.Waiting}, func(l deadletters.Letter) {
		if heads[l.Behind] {
			r.report.Behind++
		}
	})
}

// each reads all letters that a filter chooses.
func each(ctx context.Context, office *deadletters.Office, filter deadletters.Filter, do func(deadletters.Letter)) error {
	filter.Limit = 500
	for more := true; more; {
		var letters []deadletters.Letter
		var err error
		if letters, more, err = office.List(ctx, filter); err != nil {
			return err
		}
		for _, l := range letters {
			do(l)
			filter.After = l.ID
		}
	}
	return nil
}

// act does it, to one after the other until somebody interrupts.
func (r *letterRun) act(ctx context.Context, office *deadletters.Office, watched io.Writer) {
	board := progress.To(watched)
	defer board.Close()
	step := board.Step(string(r.Verb), len(r.chosen))
	for _, l := range r.chosen {
		if ctx.Err() != nil {
			return
		}
		if err := office.Act(context.WithoutCancel(ctx), l, r.Action); err != nil {
			r.fail(l.ID, err)
		} else {
			r.report.Done++
		}
		step.Add(1)
	}
}

func (r *letterRun) fail(id string, err error) {
	r.report.Failed = append(r.report.Failed, letterFailure{id, err.Error()})
}
