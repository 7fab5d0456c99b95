package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/move"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// A moveRun is what the command line says of a move.
type moveRun struct {
	whereabouts
	to      string
	offline bool
	replace bool
	dryRun  bool
}

func moveCommand() *cobra.Command {
	var run moveRun
	command := &cobra.Command{
		Use:   "move MODULE --to PLACE --offline",
		Short: "Bring a module's data to another database, with the module stopped",
		Long: `Copies everything that a module has to another database, in another dialect if need be, compares both, and
leaves the old copy in a state in which nothing starts on it. A place is the URL of a database, postgres://…
or mysql://…, or a folder for an embedded file. With --to - it is read from the standard input; a second
line may have the URL of who may change the schema there. docs/operations.md has the whole of it.

The exit code is 0 if it has moved, 1 if it stopped halfway and has to be run again, 2 if nothing was changed.`,
		Example: `  pangaea move payments --to - --offline < url.txt
  PANGAEA_MOVE_TO=mysql://user:password@db.example/pangaea_payments pangaea move payments --offline --dry-run
  pangaea move payments --to ./data --offline --replace-old-copy`,
		Args: begins(oneModule),
		RunE: func(command *cobra.Command, args []string) error {
			ctx, stop := untilInterrupted(command)
			defer stop()
			report, err := run.move(ctx, command, args[0])
			switch halfway := (move.Halfway{}); {
			case err == nil:
				return run.tell(command.OutOrStdout(), report, func() error { return report.Text(command.OutOrStdout()) })
			case !errors.As(err, &halfway):
				return ending(untouched, unchanged(ctx, err))
			case errors.Is(err, context.Canceled) && !errors.Is(err, database.ErrUndecided):
				return errors.New("interrupted: the module is where it was, and the move can be run again")
			default:
				return err
			}
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ending(untouched, err) })
	run.flags(command)
	flags := command.Flags()
	flags.StringVar(&run.to, "to", "", "URL of a database, or a folder; - to read it from the standard input (default: PANGAEA_MOVE_TO, with PANGAEA_MOVE_MIGRATE_TO)")
	flags.BoolVar(&run.offline, "offline", false, "the module is stopped, and stays so until it has moved")
	flags.BoolVar(&run.dryRun, "dry-run", false, "look at everything, and change nothing")
	flags.BoolVar(&run.replace, "replace-old-copy", false, "give up the old copy that an earlier move has left in the place")
	return command
}

// oneModule is what there is to say on the command line: who moves.
func oneModule(command *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one module: pangaea %s", command.Use)
	}
	return nil
}

func (r *moveRun) move(ctx context.Context, command *cobra.Command, name string) (report move.Report, err error) {
	if err := r.check(); err != nil {
		return report, err
	}
	if !r.offline {
		return report, fmt.Errorf("a module cannot be moved yet while it runs: stop the processes of %s, and say --offline", name)
	}
	members, err := roll()
	if err != nil {
		return report, err
	}
	who, err := member(members, name)
	if err != nil {
		return report, err
	}
	wish := move.Wish{Module: name, Replace: r.replace, DryRun: r.dryRun}
	if wish.To, err = r.destination(command.InOrStdin()); err != nil {
		return report, err
	}
	places, err := r.places()
	if err != nil {
		return report, err
	}
	if wish.From, err = places(name); err != nil {
		return report, err
	}
	wish.From.Migrations, wish.To.Migrations = who.Migrations, who.Migrations
	board := progress.To(command.ErrOrStderr())
	defer board.Close()
	report, err = move.Run(ctx, wish, show(board))
	r.advise(&report, wish)
	report.Others = companions(members, name)
	return report, err
}

// destination is the place that was said: on the command line, in the environment, or on the standard input.
func (r *moveRun) destination(in io.Reader) (to database.Options, err error) {
	place, migrate := cmp.Or(r.to, os.Getenv("PANGAEA_MOVE_TO")), os.Getenv("PANGAEA_MOVE_MIGRATE_TO")
	if place == "-" {
		lines := bufio.NewScanner(io.LimitReader(in, 8192))
		read := func() string { lines.Scan(); return strings.TrimSpace(lines.Text()) }
		place, migrate = read(), read()
		if err := lines.Err(); err != nil {
			return to, fmt.Errorf("read the place: %w", err)
		}
	}
	if place == "" {
		return to, errors.New("say with --to, PANGAEA_MOVE_TO or on the standard input where it should go")
	}
	if to, err = database.ParsePlace(place); err != nil {
		return to, err
	}
	if migrate == "" {
		return to, nil
	}
	owner, err := database.ParsePlace(migrate)
	if err == nil && (owner.URL == "" || to.URL == "") {
		err = errors.New("who may change the schema is for databases on a server")
	}
	to.MigrateURL = owner.URL
	return to, err
}

// advise says which settings lead to the new place.
func (r *moveRun) advise(report *move.Report, wish move.Wish) {
	if !report.Moved {
		return
	}
	former := strings.FieldsFunc(wish.From.Setting, func(c rune) bool { return c == ',' || c == ' ' })
	if wish.To.URL == "" {
		dir := filepath.Dir(report.To)
		report.Topology, report.Unset = "data: "+dir, former
		home, _ := database.Options{Dir: wish.From.Dir}.Where(wish.Module)
		if home != report.To {
			report.Set = []move.Setting{{Name: app.DataDirSetting, Value: dir}}
		}
		return
	}
	url, migrate := app.DatabaseSettings(wish.Module)
	report.Topology = "database: " + database.Masked(wish.To.URL)
	report.Set = []move.Setting{{Name: url, Value: database.Masked(wish.To.URL)}}
	switch {
	case wish.To.MigrateURL != "":
		report.Set = append(report.Set, move.Setting{Name: migrate, Value: database.Masked(wish.To.MigrateURL)})
	case slices.Contains(former, migrate):
		report.Unset = []string{migrate}
	}
}

// companions are the databases that belong to what a module deals with, and not to the module.
func companions(members []module.Member, name string) (others []string) {
	for _, m := range members {
		if strings.HasPrefix(m.Name, name+"-") {
			others = append(others, m.Name)
		}
	}
	return others
}
