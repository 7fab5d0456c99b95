package main

import "github.com/spf13/cobra"

func topologyCommand() *cobra.Command {
	command := group("topology", "Which process hosts which module, and what follows from it")
	command.AddCommand(newTopologyComposeCommand(), newTopologySettingsCommand())
	return command
}
