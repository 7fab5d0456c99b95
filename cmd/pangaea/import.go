package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/market"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
)

func importCommand() *cobra.Command {
	command := group("import", "Bring what others have into the shop")
	command.AddCommand(importOnlineRetail())
	return command
}

func importOnlineRetail() *cobra.Command {
	var run retailRun
	var stockFactor string
	command := &cobra.Command{
		Use:   "online-retail FILE…",
		Short: "Make products, customers and opening stock of real sales lines",
		Long: `Makes products, customers and opening stock of files with sales lines, plain or .gz.
Running it again changes nothing. docs/import.md says what becomes of every line.`,
		Args: someFiles,
		RunE: func(command *cobra.Command, files []string) error {
			factor, err := market.ParseStockFactor(stockFactor)
			if err != nil {
				return err
			}
			var report *market.StockReport
			err = run.work(command, files, func(ctx context.Context, shop *shopclient.Client, plan *retail.Plan, board *progress.Board) error {
				report, err = market.Stock(ctx, shop, plan, factor, run.atOnce, board)
				return err
			})
			if err != nil {
				return err
			}
			return run.tell(command.OutOrStdout(), report, report.Number)
		},
	}
	run.flags(command)
	command.Flags().StringVar(&stockFactor, "stock-factor", "1", "opening stock is what the files sell times this, rounded down")
	return command
}
