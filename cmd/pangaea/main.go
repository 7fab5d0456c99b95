// Command pangaea is what an operator uses beside the shop itself.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/platform/app"
)

func main() {
	if err := newCommand().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "pangaea: "+app.Explain(err))
		os.Exit(exitCode(err))
	}
}

// newCommand is the list of everything an operator can do.
func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "pangaea",
		Short:         "Operate the shop",
		Args:          noSuchCommand,
		RunE:          help,
		SilenceErrors: true, // main prints them, once
		SilenceUsage:  true,
	}
	command.AddCommand(
		backupCommand(),
		benchCommand(),
		busCommand(),
		checkCommand(),
		configCommand(),
		contractsCommand(),
		databaseCommand(),
		deadlettersCommand(),
		eventsCommand(),
		importCommand(),
		migrateCommand(),
		moveCommand(),
		replayCommand(),
		restoreCommand(),
		staffCommand(),
		topologyCommand(),
		versionCommand(),
	)
	return command
}

// noSuchCommand refuses whatever is left on the command line of a command that does nothing itself.
func noSuchCommand(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("there is no command %q: %s --help lists those there are", args[0], command.CommandPath())
}

func help(command *cobra.Command, _ []string) error { return command.Help() }
