package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// couldNotLook is the exit code where a broker could not be asked: 1 would say that something is missing in it.
const couldNotLook = 2

func showBus() *cobra.Command {
	command := &cobra.Command{
		Use:   "show",
		Short: "Show what waits in the broker for whom, and whether everything is there",
		Long: `Asks the RabbitMQ of the settings, as each module that the settings have a URL for.

The exit code is 0 if everything is there, 1 if something is missing, 2 if the broker could not be asked.`,
		Args: func(command *cobra.Command, args []string) error {
			return ending(couldNotLook, cobra.NoArgs(command, args))
		},
		RunE: func(command *cobra.Command, _ []string) error {
			missing, err := tellBus(command.OutOrStdout())
			if err == nil && missing {
				return errors.New("something is missing: it comes when the shop starts, or with pangaea bus prepare")
			}
			return ending(couldNotLook, err)
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ending(couldNotLook, err) })
	return command
}

func tellBus(out io.Writer) (missing bool, err error) {
	settings, _, err := app.Load()
	if err != nil {
		return false, err
	}
	manifest, err := contracts.Subscriptions()
	if err != nil {
		return false, err
	}
	addresses, err := bus.AddressesOf(settings, manifest)
	if err != nil {
		return false, err
	}
	if !addresses.Leave() {
		return false, errors.New("there is no broker: PANGAEA_BUS_URL is empty, events stay in the process")
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODULE\tWAITING\tGIVEN UP\tLISTENERS\tMISSING")
	for _, module := range manifest.Modules() {
		address := addresses.Of(module)
		if address == "" {
			continue
		}
		standing, err := lookAt(address, module, rabbitmq.Options{Sources: manifest.Sources})
		if err != nil {
			return false, fmt.Errorf("%s: %w", module, err)
		}
		missing = missing || len(standing.Missing) > 0
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\n", module, standing.Waiting, standing.GivenUp, standing.Listeners, cmp.Or(strings.Join(standing.Missing, ", "), "nothing"))
	}
	return missing, table.Flush()
}

func lookAt(address, module string, options rabbitmq.Options) (standing rabbitmq.Standing, err error) {
	carrier, err := rabbitmq.New(address, options)
	if err != nil {
		return standing, err
	}
	defer func() { err = errors.Join(err, carrier.Close()) }()
	return carrier.Look(module)
}
