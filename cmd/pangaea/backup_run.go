package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// copyRun is what taking a backup and restoring it have in common: a data folder, and a report.
type copyRun struct{ dir, output string }

func (r *copyRun) flags(command *cobra.Command) {
	command.Flags().StringVar(&r.dir, "data-dir", "", "folder of the databases (default: PANGAEA_DATA_DIR)")
	command.Flags().StringVarP(&r.output, "output", "o", "text", "text or json")
}

// oneFolder is what there is to say on the command line: where the backup is.
func oneFolder(command *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one folder: pangaea %s", command.Use)
	}
	return nil
}

// copying copies the databases that a program knows, and returns what to say about it.
type copying func(context.Context, database.Known, database.Progress) (report any, text string, err error)

// work finds the shop's databases and lets do copy them, until it is done or interrupted.
func (r *copyRun) work(command *cobra.Command, do copying) error {
	ctx, stop := untilInterrupted(command)
	defer stop()
	if r.output != "text" && r.output != "json" {
		return fmt.Errorf("--output is text or json, not %q", r.output)
	}
	report, text, err := r.attended(ctx, command, do)
	if err != nil && ctx.Err() != nil && !errors.Is(err, database.ErrHalfRestored) {
		return unchanged(ctx, err)
	}
	if err != nil {
		return err
	}
	return tellCopy(command.OutOrStdout(), r.output, report, text)
}

func (r *copyRun) attended(ctx context.Context, command *cobra.Command, do copying) (report any, text string, err error) {
	known, err := knownDatabases(ctx)
	if err != nil {
		return nil, "", err
	}
	if err := r.find(command.Name(), known); err != nil {
		return nil, "", err
	}
	board := progress.To(command.ErrOrStderr())
	defer board.Close()
	return do(ctx, known, show(board))
}

// knownDatabases are those of the wired modules, with the schemas that they know, as a throw-away shop has them.
func knownDatabases(ctx context.Context) (database.Known, error) {
	wired, discard, err := shop.Wire()
	if err != nil {
		return nil, err
	}
	defer discard()
	known := database.Known{}
	for _, member := range wired.Roll.Members() {
		if known[member.Name], err = member.DB.Versions(ctx); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// find finds the data folder out, unless it was named. A shop with a database on a server, or with several folders, has
// not all of them there.
func (r *copyRun) find(task string, known database.Known) error {
	settings, here, err := app.Load()
	if err != nil || r.dir != "" {
		return err
	}
	places, elsewhere, folders := app.Places(settings, here), []string{}, map[string]bool{}
	for _, module := range slices.Sorted(maps.Keys(known)) {
		place, err := places(module)
		if err != nil {
			return err
		}
		if r.dir = place.Dir; place.URL != "" {
			elsewhere = append(elsewhere, module)
		}
		folders[place.Dir] = true
	}
	if len(elsewhere) > 0 {
		return fmt.Errorf("%s is for embedded databases, and those of %s are on a server: docs/operations.md says what to do there",
			task, strings.Join(elsewhere, ", "))
	}
	if len(folders) > 1 {
		return fmt.Errorf("%s is for databases in one folder, and these are in %s: stop the shop and copy all of them together",
			task, strings.Join(slices.Sorted(maps.Keys(folders)), ", "))
	}
	return nil
}

// show shows each step of a copy.
func show(board *progress.Board) database.Progress {
	steps := map[string]*progress.Step{}
	return func(name string, done, total int) {
		if steps[name] == nil {
			steps[name] = board.Step(name, total)
		}
		steps[name].Set(done)
	}
}

// program is the version of this one.
func program() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		return build.Main.Version
	}
	return "unknown"
}

func tellCopy(out io.Writer, output string, report any, text string) error {
	if output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	_, err := io.WriteString(out, text)
	return err
}
