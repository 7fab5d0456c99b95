package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
)

func contractsCommand() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "contracts",
		Short: "Write from the source what modules announce, who hears it, who answers which route, and the API's description",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			documents, err := shop.Contracts()
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Join(dir, "events"), 0o755); err != nil {
				return err
			}
			for _, name := range slices.Sorted(maps.Keys(documents)) {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, documents[name], 0o644); err != nil {
					return err
				}
				fmt.Fprintln(command.OutOrStdout(), path)
			}
			return nil
		},
	}
	command.Flags().StringVar(&dir, "dir", "docs/contracts", "folder to write to")
	return command
}
