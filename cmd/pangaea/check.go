package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/books"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// couldNotCheck is the exit code of a check that did not take place: 1 would say that it found something.
const couldNotCheck = 2

func checkCommand() *cobra.Command {
	var dir, output string
	command := &cobra.Command{
		Use:   "check",
		Short: "Compare what the parts of the shop say of each other, with the shop running or stopped",
		Long: `Compares orders, goods, money and shipments as each module has them, the ledger, the payment provider's
statement and the carrier's records. It only reads. docs/operations.md lists what has to hold.

The exit code is 0 if everything holds, 1 if something does not, 2 if it could not be checked.`,
		Args: func(command *cobra.Command, args []string) error {
			return ending(couldNotCheck, cobra.NoArgs(command, args))
		},
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := untilInterrupted(command)
			defer stop()
			report, err := check(ctx, dir)
			if err == nil {
				err = tellCheck(command.OutOrStdout(), output, report)
			}
			if err != nil {
				return ending(couldNotCheck, unchanged(ctx, err))
			}
			if n := len(report.Violations); n > 0 {
				return fmt.Errorf("%d of what has to hold does not: see docs/operations.md", n)
			}
			return nil
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ending(couldNotCheck, err) })
	command.Flags().StringVar(&dir, "data-dir", "", "folder of the databases (default: PANGAEA_DATA_DIR)")
	command.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return command
}

// check reads the shop's books and compares them. What does not hold is read once more a moment later: on a
// running shop it may have been between two parts.
func check(ctx context.Context, dir string) (books.Report, error) {
	const moment = 500 * time.Millisecond
	settings, err := checkSettings(dir)
	if err != nil {
		return books.Report{}, err
	}
	archive, err := openArchive(ctx, settings.places)
	if err != nil {
		return books.Report{}, err
	}
	archive.overBroker = settings.overBroker
	defer func() { _ = archive.close() }() // it was only read
	read := func() (books.Report, error) {
		reading, err := archive.read(ctx)
		reading.Manual = settings.manual
		return reading.Compare(), err
	}
	first, err := read()
	if err != nil || len(first.Violations) == 0 {
		return first, err
	}
	select {
	case <-time.After(moment):
	case <-ctx.Done():
		return books.Report{}, ctx.Err()
	}
	second, err := read()
	return first.Confirm(second), err
}

// A checkSetting is what a check has to know of the shop.
type checkSetting struct {
	places     database.Places
	manual     bool // staff dispatch
	overBroker bool // events take a message server
}

func checkSettings(dir string) (s checkSetting, err error) {
	settings, place, err := app.Load()
	if err != nil {
		return s, err
	}
	parcels, err := config.Section[shippingfx.Settings](settings)
	if err != nil {
		return s, err
	}
	manifest, err := contracts.Subscriptions()
	if err != nil {
		return s, err
	}
	carriers, err := bus.AddressesOf(settings, manifest)
	s = checkSetting{places: app.Places(settings, place), manual: parcels.Carrier == "manual", overBroker: carriers.Leave()}
	if dir != "" {
		s.places = func(string) (database.Options, error) { return database.Options{Dir: dir}, nil }
	}
	return s, err
}

func tellCheck(out io.Writer, output string, report books.Report) error {
	switch output {
	case "text":
		return report.Text(out)
	case "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	return fmt.Errorf("--output is text or json, not %q", output)
}
