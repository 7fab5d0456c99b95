package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/platform/database"
)

func backupCommand() *cobra.Command {
	var run copyRun
	command := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the embedded databases as they are at one instant, with the shop running or stopped",
		Long: `Copies every database in the data folder to a folder that does not exist or is empty. All copies are of
the same instant, also while the shop is running. docs/operations.md says how to restore them, and how to
back up databases on a server.`,
		Args: oneFolder,
		RunE: func(command *cobra.Command, args []string) error {
			return run.work(command, func(ctx context.Context, known database.Known, told database.Progress) (any, string, error) {
				b, err := database.TakeBackup(ctx, run.dir, args[0], database.BackupOptions{Known: known, Program: program(), Progress: told})
				if err != nil {
					return nil, "", fmt.Errorf("no backup was taken: %w", err)
				}
				return b, fmt.Sprintf("backup %s is in %s: %d databases as they were at %s, %.1f MB\n",
					b.ID, args[0], len(b.Files), b.TakenAt.Format(time.RFC3339), float64(b.Bytes())/1e6), nil
			})
		},
	}
	run.flags(command)
	return command
}
