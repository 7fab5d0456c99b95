package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/layout"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

func topologyCommand() *cobra.Command {
	command := group("topology", "Look at which process hosts which module, whether what runs is that, and what follows from it")
	command.AddCommand(showTopology(), checkTopology(), graphTopology(), newTopologyComposeCommand(), newTopologySettingsCommand())
	return command
}

func showTopology() *cobra.Command {
	var file string
	var told whereabouts
	command := &cobra.Command{
		Use:   "show",
		Short: "Show processes, modules, addresses, databases, queues and routes",
		Long: `Shows what follows from a topology with the settings in force. It asks nobody: pangaea topology check does.
Of URLs it shows where they lead, and neither user nor password.

The exit code is 0, or 2 if the file is not there, is wrong, or does not suit the shop.`,
		Args: begins(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			l, err := laidOut(file, told)
			if err == nil {
				err = told.tell(command.OutOrStdout(), l, func() error { return l.Text(command.OutOrStdout()) })
			}
			return ending(couldNotLook, err)
		},
	}
	topologyFlag(command, &file)
	told.format(command)
	return command
}

func topologyFlag(command *cobra.Command, file *string) {
	command.Flags().StringVar(file, "topology", "", "file that says which process hosts which module (default: PANGAEA_TOPOLOGY)")
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ending(couldNotLook, err) })
}

func laidOut(file string, told whereabouts) (layout.Layout, error) {
	if err := told.check(); err != nil {
		return layout.Layout{}, err
	}
	plan, err := planned(file)
	if err != nil {
		return layout.Layout{}, err
	}
	return layout.Of(plan)
}

// planned reads the topology, and finds what a layout is made of beside it.
func planned(file string) (plan layout.Plan, err error) {
	if plan.Topology, err = readTopology(file); err != nil {
		return plan, err
	}
	plan.Shop = shop.Describe()
	if plan.Databases, err = modules(); err != nil {
		return plan, err
	}
	if plan.Manifest, err = contracts.Subscriptions(); err != nil {
		return plan, err
	}
	if plan.Routes, err = contracts.Routes(); err != nil {
		return plan, err
	}
	plan.Settings = func(p *topology.Process) (*config.Config, error) {
		settings, err := config.Load()
		if err == nil {
			settings.Under(plan.Topology.Path, plan.Topology.For(p, 1))
		}
		return settings, err
	}
	return plan, nil
}

// readTopology reads the file that is named, or the one that settings name.
func readTopology(file string) (*topology.Topology, error) {
	settings, err := config.Load()
	if err != nil {
		return nil, err
	}
	own, err := config.Section[topology.Settings](settings)
	if err != nil {
		return nil, err
	}
	if file = cmp.Or(file, own.File); file == "" {
		return nil, errors.New("name the file with --topology or PANGAEA_TOPOLOGY: deploy/topologies has some; a shop in one process needs none")
	}
	t, err := topology.Read(file)
	if err != nil {
		return nil, fmt.Errorf("read the topology: %w", err)
	}
	return t, nil
}
