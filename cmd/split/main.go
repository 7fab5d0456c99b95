// Command split runs every process of a topology on this machine, joins what they print, and stops them all together.
//
//	go run ./cmd/split            # the servers that it finds or that settings name, a process for each module
//	go run ./cmd/split --local    # nothing but Go: embedded databases and a message server of its own
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/supervisor"
)

func main() {
	if err := newCommand().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "split: "+app.Explain(err))
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	var w wish
	command := &cobra.Command{
		Use:   "split",
		Short: "Run every process of a topology on this machine",
		Long: `Builds the programs, starts every process of a topology, waits until all are ready, and stops them together
when it is interrupted. A process that ends by itself is started again; SIGUSR1 restarts all in turn.

Without --local it uses the PostgreSQL and the RabbitMQ that settings name (PANGAEA_CONFIG, or PANGAEA_BUS_URL and
the databases' URLs), those on this machine or that PANGAEA_ADMIN_URL and PANGAEA_BUS_ADMIN_URL name, where it asks
before it makes a database and a virtual host of its own names, or those that docker compose starts.`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			w.in, w.out = command.InOrStdin(), command.OutOrStdout()
			return run(ctx, w)
		},
	}
	flags := command.Flags()
	flags.StringVar(&w.topology, "topology", "", "file that says which process hosts which module (default: PANGAEA_TOPOLOGY, or deploy/topologies/split.yaml, or local.yaml there)")
	flags.BoolVar(&w.local, "local", false, "with nothing installed but Go")
	flags.BoolVarP(&w.yes, "yes", "y", false, "do not ask before a database and a virtual host are made")
	flags.StringVar(&w.bin, "bin", "", "folder of the programs, which are built there where this is run in the source (default: bin)")
	return command
}

// run runs the processes until ctx ends.
func run(ctx context.Context, w wish) error {
	plan, err := w.plan(ctx)
	if err != nil {
		return err
	}
	all, err := supervisor.Start(ctx, supervisor.Options{Out: w.out, Colours: terminal(os.Stdout)}, plan.messages, plan.modules, plan.edge)
	if err != nil {
		return err
	}
	count := len(plan.messages) + len(plan.modules) + len(plan.edge)
	fmt.Fprintf(w.out, "\n  Pangaea is open, as %d processes.\n    shop  %s\n    Ctrl-C stops all; kill -USR1 %d restarts them in turn.\n\n", count, plan.shop, os.Getpid())
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGUSR1)
	defer signal.Stop(again)
	for {
		select {
		case <-ctx.Done():
			return all.Stop()
		case <-again:
			switch err := all.Restart(ctx); {
			case err == nil:
				fmt.Fprintln(w.out, "\n  All processes were restarted.")
			case ctx.Err() == nil:
				fmt.Fprintf(w.out, "\n  Not all processes were restarted: %v\n", err)
			}
		}
	}
}

func terminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
