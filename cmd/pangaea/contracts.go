package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
)

func contractsCommand() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "contracts",
		Short: "Write who hears which event, who answers which route, and the API's description",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			documents, err := shop.Contracts()
			if err != nil {
				return err
			}
			for name, content := range documents {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, content, 0o644); err != nil {
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
