package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
)

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring every module's database up to date, with the shop stopped",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) (failed error) {
			opened, err := shop.Open() // brings them up to date
			if err != nil {
				return err
			}
			defer func() { failed = errors.Join(failed, opened.Close()) }()
			table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, member := range opened.Roll.Members() {
				version, err := member.DB.Version(command.Context())
				if err != nil {
					return err
				}
				fmt.Fprintf(table, "%s\tversion %d\n", member.Name, version)
			}
			return table.Flush()
		},
	}
}
