package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/compose"
)

func newTopologyComposeCommand() *cobra.Command {
	var path, out string
	command := &cobra.Command{
		Use:   "compose",
		Short: "Write the compose file that runs a topology in containers",
		Long: `Writes the services, replicas, ports and settings that follow from a topology whose hosts are names of services.
docs/containers.md says how they are run.`,
		Args: begins(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			t, err := readTopology(path)
			if err != nil {
				return ending(notBegun, err)
			}
			named, err := beside(out, path)
			if err != nil {
				return ending(notBegun, err)
			}
			text, err := compose.Write(t, named)
			switch {
			case err != nil:
				return ending(notBegun, fmt.Errorf("%s: %w", path, err))
			case out != "":
				return os.WriteFile(out, text, 0o644)
			}
			_, err = command.OutOrStdout().Write(text)
			return err
		},
	}
	command.Flags().StringVar(&path, "topology", "deploy/topologies/compose.yaml", "file that says which process hosts which module")
	command.Flags().StringVar(&out, "out", "", "file to write to, whose folder paths begin at (default: the standard output)")
	return command
}

// beside is what a path is called in a file.
func beside(file, path string) (string, error) {
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return "", err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	relative, err := filepath.Rel(folder, absolute)
	return filepath.ToSlash(relative), err
}
