// Package move brings the data of a module that is stopped to another database: on another server, in a file, in
// another dialect.
//
//	look at both ends ─▶ read everything ─▶ fence the target ─▶ copy ─▶ compare
//	  ─▶ release the source ─▶ take the target's fence down
//
// The release is the decision. Before it the module is where it was, and what has arrived is worth nothing; after it the
// module is at the target, and what is left is to say so. At no moment can it be opened in both places, and whoever was
// interrupted runs the move again.
package move

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Wish says what is to be moved, and where.
type Wish struct {
	Module   string
	From, To database.Options
	Replace  bool // an old copy of the module that is in the place
	DryRun   bool // only look
}

// A Halfway is an error after something was changed at the target. The module is where it was, or cannot be opened
// anywhere; run again, the move goes on from there.
type Halfway struct{ error }

// Unwrap returns what happened.
func (h Halfway) Unwrap() error { return h.error }

// Run fulfils a wish. progress hears of every step before it is taken.
func Run(ctx context.Context, w Wish, progress database.Progress) (Report, error) {
	target, err := database.OpenTarget(ctx, w.Module, w.To)
	if err != nil {
		return Report{}, fmt.Errorf("look where it should go: %w", err)
	}
	defer func() { _ = target.Close() }() // it is finished, or it is done again
	if from, err := w.From.Where(w.Module); err != nil || from == target.Where() {
		return Report{}, errors.Join(err, fmt.Errorf("%s is at %s: give another place", w.Module, target.Where()))
	}
	report := Report{Module: w.Module, To: target.Where(), DryRun: w.DryRun}
	source, err := database.OpenSource(ctx, w.Module, w.From)
	if gone := (*database.Fenced)(nil); errors.As(err, &gone) && arrived(gone, target) {
		report.From = target.Fence().Place
		return report, finish(ctx, target, &report, progress)
	}
	if err != nil {
		return report, fmt.Errorf("take hold of %s: %w", w.Module, err)
	}
	defer func() { _ = source.Close() }()
	report.From = source.Where()
	m := course{Wish: w, source: source, target: target, report: &report, progress: progress, began: time.Now()}
	return report, m.run(ctx)
}

// arrived reports whether the rows that have gone from a source are those that wait at the target.
func arrived(gone *database.Fenced, target *database.Target) bool {
	waiting := target.Fence()
	return gone.State == database.Released && waiting != nil && waiting.State == database.Standby && waiting.Move == gone.Move
}

// finish opens a target that everything has arrived at.
func finish(ctx context.Context, target *database.Target, report *Report, progress database.Progress) error {
	if report.DryRun {
		return nil
	}
	progress("opening", 0, 1)
	if err := target.Activate(context.WithoutCancel(ctx)); err != nil { // who interrupts now is too late
		return Halfway{fmt.Errorf("it has moved, and cannot be opened yet: %w: run it again", err)}
	}
	progress("opening", 1, 1)
	report.Moved = true
	return nil
}

// A course is one attempt.
type course struct {
	Wish
	source   *database.Source
	target   *database.Target
	report   *Report
	progress database.Progress
	began    time.Time
}

func (m *course) run(ctx context.Context) error {
	if err := errors.Join(m.vacant(), m.source.Suits(m.target)); err != nil {
		return err
	}
	rows, err := m.source.Rows(ctx)
	if err != nil {
		return err
	}
	contents, err := m.source.Survey(ctx, m.target.Dialect(), m.count("reading", rows))
	if err != nil {
		return err
	}
	m.report.add(contents, time.Since(m.began))
	if m.DryRun {
		return nil
	}
	if err := m.transfer(ctx, contents); err != nil {
		return Halfway{err}
	}
	return finish(ctx, m.target, m.report, m.progress)
}

// vacant returns an error if something is in the target that a move must not replace.
func (m *course) vacant() error {
	switch fence := m.target.Fence(); {
	case fence == nil && m.target.Occupied() != "":
		return fmt.Errorf("%s is not empty: %s", m.target.Where(), m.target.Occupied())
	case fence == nil, fence.State == database.Standby && fence.Place == m.source.Where():
		return nil // an attempt of ours that was interrupted
	case fence.State == database.Standby:
		return fmt.Errorf("%s waits for the end of a move from %s: run that one again", m.target.Where(), fence.Place)
	case !m.Replace:
		return fmt.Errorf("%s has the old copy of %s, which moved to %s: --replace-old-copy gives it up", m.target.Where(), m.Module, fence.Place)
	}
	return nil
}

// transfer brings everything to the target and releases the source.
func (m *course) transfer(ctx context.Context, contents []database.Content) error {
	move, rows := uuid.Must(uuid.NewV7()).String(), m.report.Rows
	m.progress("preparing", 0, 1)
	if err := m.target.Begin(ctx, move, m.source.Where()); err != nil {
		return fmt.Errorf("prepare %s: %w", m.target.Where(), err)
	}
	m.progress("preparing", 1, 1)
	if err := m.source.CopyTo(ctx, m.target, contents, m.count("copying", rows)); err != nil {
		return err
	}
	if err := m.target.Verify(ctx, contents, m.count("comparing", rows)); err != nil {
		return err
	}
	m.progress("releasing", 0, 1)
	if err := m.source.Release(ctx, move, m.target.Where()); err != nil {
		return fmt.Errorf("release %s: %w", m.source.Where(), err)
	}
	m.progress("releasing", 1, 1)
	return nil
}

// count tells a step's progress now and then.
func (m *course) count(step string, total int64) func(rows int) {
	m.progress(step, 0, int(total))
	done, said := 0, 0
	return func(rows int) {
		if done += rows; done-said >= 1000 || done == int(total) {
			said = done
			m.progress(step, done, int(total))
		}
	}
}
