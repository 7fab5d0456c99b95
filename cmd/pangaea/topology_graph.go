package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/chart"
)

func graphTopology() *cobra.Command {
	var file, format, to string
	command := &cobra.Command{
		Use:   "graph",
		Short: "Draw processes, who tells whom what, and who asks whom",
		Example: `  pangaea topology graph --topology deploy/topologies/groups.yaml
  pangaea topology graph --format svg --out topology.svg`,
		Args: begins(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			return ending(couldNotLook, drawTopology(command, file, format, to))
		},
	}
	topologyFlag(command, &file)
	command.Flags().StringVar(&format, "format", "text", "text, mermaid (for Markdown) or svg")
	command.Flags().StringVar(&to, "out", "", "file to write to (default: the standard output)")
	return command
}

func drawTopology(command *cobra.Command, file, format, to string) error {
	if err := chart.Check(format); err != nil {
		return err
	}
	l, err := laidOut(file, whereabouts{output: "text"})
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	if err := chart.Draw(&picture, format, l); err != nil {
		return err
	}
	if to == "" {
		_, err = picture.WriteTo(command.OutOrStdout())
		return err
	}
	if err := os.WriteFile(to, picture.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
