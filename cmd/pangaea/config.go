package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/gateway"
)

func configCommand() *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "config",
		Short: "Show the settings in force and where each value came from",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			settings, err := inForce()
			if settings != nil {
				err = errors.Join(showSettings(command.OutOrStdout(), output, settings), err)
			}
			return err
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "table", "table or json")
	return command
}

// inForce finds every setting's value, and what is wrong with any of them.
func inForce() ([]config.Setting, error) {
	wired, discard, err := shop.Wire()
	if err != nil {
		return nil, err
	}
	defer discard()
	real, here, err := app.Load()
	if err != nil {
		return nil, err
	}
	real.Declare(wired.Config.Settings())
	if here.Topology != nil { // which may have a gateway
		edge := config.Of(nil)
		if _, err := config.Section[gateway.Settings](edge); err != nil {
			return nil, err
		}
		real.Declare(edge.Settings())
	}
	manifest, err := contracts.Subscriptions()
	if err == nil {
		_, err = bus.AddressesOf(real, manifest) // the wired shop knows nobody who hears
	}
	if err != nil {
		return nil, err
	}
	problems := []error{real.CheckUnknown()}
	for _, s := range real.Settings() {
		problems = append(problems, s.Err())
	}
	return real.Settings(), errors.Join(problems...)
}

func showSettings(out io.Writer, output string, settings []config.Setting) error {
	switch output {
	case "json":
		type row struct {
			Name   string `json:"name"`
			Value  string `json:"value"`
			Origin string `json:"origin"`
			Doc    string `json:"doc"`
		}
		rows := []row{}
		for _, s := range settings {
			rows = append(rows, row{s.Name, s.Shown(), s.Origin, s.Doc})
		}
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	case "table":
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "NAME\tVALUE\tORIGIN\tMEANING")
		for _, s := range settings {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.Name, s.Shown(), s.Origin, s.Doc)
		}
		return table.Flush()
	}
	return fmt.Errorf("--output %s is not known: table or json", output)
}
