package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// halfRestored is the exit code of a restore that has to be run again before anything can start: 1 says
// that nothing has changed.
const halfRestored = 2

func restoreCommand() *cobra.Command {
	var run copyRun
	var replace bool
	command := &cobra.Command{
		Use:   "restore DIR",
		Short: "Bring the databases of a backup back, with the shop stopped",
		Long: `Checks a backup and puts its databases into the data folder, which has to be empty unless --replace is
given: then the databases that are there are moved aside, to a dated folder in it. Nothing is deleted.

The exit code is 0 if the backup was restored, 1 if nothing has changed, 2 if it has to be run again.`,
		Args: oneFolder,
		RunE: func(command *cobra.Command, args []string) error {
			return run.work(command, func(ctx context.Context, known database.Known, told database.Progress) (any, string, error) {
				restored, err := database.Restore(ctx, args[0], run.dir, database.RestoreOptions{Known: known, Replace: replace, Progress: told})
				switch {
				case errors.Is(err, database.ErrHalfRestored):
					return nil, "", ending(halfRestored, err)
				case err != nil:
					return nil, "", fmt.Errorf("nothing was restored: %w", err)
				}
				return restored, restoredText(restored), nil
			})
		},
	}
	run.flags(command)
	command.Flags().BoolVar(&replace, "replace", false, "move the databases in the data folder aside")
	return command
}

func restoredText(r *database.Restoration) string {
	text := fmt.Sprintf("%s is as backup %s has it: %d databases as they were at %s\n",
		r.Folder, r.Backup.ID, len(r.Backup.Files), r.Backup.TakenAt.Format(time.RFC3339))
	if r.Replaced != "" {
		text += "what was there before is in " + r.Replaced + "\n"
	}
	return text
}
