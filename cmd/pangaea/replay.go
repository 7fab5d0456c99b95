package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/market"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
)

func replayCommand() *cobra.Command {
	var run retailRun
	var stall time.Duration
	command := &cobra.Command{
		Use:   "replay FILE…",
		Short: "Sell every invoice of imported files again, and take back what came back",
		Long: `Places an order for every invoice of files that were imported, at the invoice's prices and on behalf
of its customer, waits until all have ended, and returns what the files' C invoices return.
Running it again changes nothing. docs/import.md says what becomes of every line.`,
		Args: someFiles,
		RunE: func(command *cobra.Command, files []string) error {
			var report *market.ReplayReport
			err := run.work(command, files, func(ctx context.Context, shop *shopclient.Client, plan *retail.Plan, board *progress.Board) (err error) {
				replayer := market.Replayer{Shop: shop, AtOnce: run.atOnce, Board: board, Stall: stall}
				report, err = replayer.Replay(ctx, plan)
				return err
			})
			if err != nil {
				return err
			}
			return run.tell(command.OutOrStdout(), report, report.Number)
		},
	}
	run.flags(command)
	command.Flags().DurationVar(&stall, "stall", 5*time.Minute, "how long nothing may happen before waiting for orders is given up")
	return command
}
