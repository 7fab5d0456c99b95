package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/broker"
	"github.com/pangaea-shop/pangaea/docs/contracts"
)

func busCommand() *cobra.Command {
	command := group("bus", "Look after the broker that carries events")
	command.AddCommand(prepareBus(), showBus())
	return command
}

func prepareBus() *cobra.Command {
	var wish broker.Wish
	command := &cobra.Command{
		Use:   "prepare [--admin URL | --definitions FILE] --out FILE",
		Short: "Give every module a user of its own on a RabbitMQ, and the shop a file that says so",
		Long: `Creates a virtual host, a user for every module who may speak and hear as that module and nothing else, and
all exchanges, queues and bindings, and writes the users' URLs to a file of settings. Running it again with that
file changes nothing, adds what is missing, and takes back what was granted since. Without --admin it asks
rabbitmqctl. docs/operations.md has the whole of it.

The exit code is 0 if everything is as it should be, 1 if it stopped halfway and has to be run again, 2 if
nothing was changed.`,
		Example: `  pangaea bus prepare --admin http://admin:secret@localhost:15672 --out pangaea.yaml
  pangaea bus prepare --admin "docker exec -i broker rabbitmqctl" --broker amqp://broker:5672 --out pangaea.yaml
  pangaea bus prepare --definitions definitions.json --broker amqp://broker:5672 --out pangaea.yaml`,
		Args: func(command *cobra.Command, args []string) error {
			return ending(untouched, cobra.NoArgs(command, args))
		},
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := untilInterrupted(command)
			defer stop()
			report, err := preparedBus(ctx, command, wish)
			switch halfway := (broker.Halfway{}); {
			case err == nil:
				return report.Text(command.OutOrStdout())
			case !errors.As(err, &halfway):
				return ending(untouched, unchanged(ctx, err))
			case ctx.Err() != nil:
				return fmt.Errorf("interrupted: run it again with %s, which has the passwords", wish.File)
			default:
				return err
			}
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ending(untouched, err) })
	flags := command.Flags()
	flags.StringVar(&wish.Admin, "admin", "", "URL of the broker's management for who may create users, - to read it from the standard input, or how rabbitmqctl is called (default: PANGAEA_BUS_ADMIN_URL, or rabbitmqctl)")
	flags.StringVar(&wish.Definitions, "definitions", "", "instead, a file of definitions that a broker loads when it starts")
	flags.StringVar(&wish.Broker, "broker", "", "URL at which the modules reach the broker, without user (default: port 5672 where the administrator is)")
	flags.StringVar(&wish.File, "out", "", "file of settings that gets the modules' URLs, for PANGAEA_CONFIG")
	flags.StringVar(&wish.Name, "name", "pangaea", "the virtual host, and what users begin with")
	flags.BoolVar(&wish.Rotate, "rotate", false, "give every user a new password")
	flags.BoolVar(&wish.DryRun, "dry-run", false, "only say what would be done")
	return command
}

func preparedBus(ctx context.Context, command *cobra.Command, wish broker.Wish) (report broker.Report, err error) {
	if wish.Admin == "" && wish.Definitions == "" {
		wish.Admin = os.Getenv("PANGAEA_BUS_ADMIN_URL")
	}
	if wish.Admin, err = typed(command, wish.Admin); err != nil {
		return report, err
	}
	if wish.Manifest, err = contracts.Subscriptions(); err != nil {
		return report, err
	}
	return broker.Run(ctx, wish)
}
