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
		SilenceErrors: true, // main prints them, once
		SilenceUsage:  true,
	}
	command.AddCommand(
		backupCommand(),
		benchCommand(),
		checkCommand(),
		configCommand(),
		contractsCommand(),
		databaseCommand(),
		deadlettersCommand(),
		eventsCommand(),
		importCommand(),
		migrateCommand(),
		replayCommand(),
		restoreCommand(),
		staffCommand(),
		versionCommand(),
	)
	return command
}
