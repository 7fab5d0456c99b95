package main

import "github.com/spf13/cobra"

func databaseCommand() *cobra.Command {
	command := group("database", "Look after the database server that the modules are on")
	command.AddCommand(prepareCommand())
	return command
}
