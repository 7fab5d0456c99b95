package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which build this is",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			build, ok := debug.ReadBuildInfo()
			if !ok {
				return fmt.Errorf("this build says nothing about itself")
			}
			said := map[string]string{}
			for _, setting := range build.Settings {
				said[setting.Key] = setting.Value
			}
			_, err := fmt.Fprintf(command.OutOrStdout(), "pangaea %s %s, %s\n", build.Main.Version, said["vcs.revision"], build.GoVersion)
			return err
		},
	}
}
