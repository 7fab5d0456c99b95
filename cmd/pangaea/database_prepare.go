package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/prepare"
)

// untouched is the exit code of a preparation that changed nothing: 1 would say that it stopped halfway.
const untouched = 2

func prepareCommand() *cobra.Command {
	var wish prepare.Wish
	command := &cobra.Command{
		Use:   "prepare --admin URL --out FILE",
		Short: "Give every module a role of its own on a database server, and the shop a file that says so",
		Long: `Creates a role that reads and writes and a role that migrates for every module, with a schema that nobody
else may touch, and writes their URLs to a file of settings. Running it again with that file changes
nothing, adds what is missing, and takes back what was granted since. docs/operations.md has the whole of it.

The exit code is 0 if everything is as it should be, 1 if it stopped halfway and has to be run again, 2 if
nothing was changed.`,
		Example: `  pangaea database prepare --admin postgres://postgres@localhost/ --out pangaea.yaml
  PANGAEA_ADMIN_URL=mysql://root@localhost/ pangaea database prepare --out pangaea.yaml --dry-run`,
		Args: func(command *cobra.Command, args []string) error {
			return ending(untouched, cobra.NoArgs(command, args))
		},
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := untilInterrupted(command)
			defer stop()
			report, err := prepared(ctx, command, wish)
			switch halfway := (prepare.Halfway{}); {
			case err == nil:
				return report.Text(command.OutOrStdout())
			case !errors.As(err, &halfway):
				return ending(untouched, unchanged(ctx, err))
			case ctx.Err() != nil:
				return fmt.Errorf("interrupted: run it again with %s, which has the passwords", wish.File)
			default:
				return err
			}
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ending(untouched, err) })
	flags := command.Flags()
	flags.StringVar(&wish.Admin, "admin", "", "URL of who may create roles and databases, - to read it from the standard input (default: PANGAEA_ADMIN_URL)")
	flags.StringVar(&wish.File, "out", "", "file of settings that gets the modules' URLs, for PANGAEA_CONFIG")
	flags.StringVar(&wish.Name, "name", "pangaea", "what everything that is created begins with")
	flags.BoolVar(&wish.Rotate, "rotate", false, "give every role a new password")
	flags.BoolVar(&wish.DryRun, "dry-run", false, "only say what would be done")
	return command
}

func prepared(ctx context.Context, command *cobra.Command, wish prepare.Wish) (report prepare.Report, err error) {
	if wish.Admin, err = typed(command, cmp.Or(wish.Admin, os.Getenv("PANGAEA_ADMIN_URL"))); err != nil {
		return report, err
	}
	if wish.Admin == "" {
		return report, errors.New("say with --admin, PANGAEA_ADMIN_URL or on the standard input who may create roles and databases")
	}
	if wish.Modules, err = modules(); err != nil {
		return report, err
	}
	return prepare.Run(ctx, wish)
}

// typed is an administrator's URL, which - stands for on the standard input: there it is in no list of processes.
func typed(command *cobra.Command, url string) (string, error) {
	if url != "-" {
		return url, nil
	}
	line, err := bufio.NewReader(io.LimitReader(command.InOrStdin(), 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the administrator's URL: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// modules are all that have a database, companions such as payments-provider among them.
func modules() (names []string, err error) {
	wired, discard, err := shop.Wire()
	if err != nil {
		return nil, err
	}
	defer discard()
	for _, member := range wired.Roll.Members() {
		names = append(names, member.Name)
	}
	return names, nil
}
