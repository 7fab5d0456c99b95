package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/platform/module"
)

func eventsCommand() *cobra.Command {
	command := group("events", "Look after the events that modules keep")
	command.AddCommand(replayEvents())
	return command
}

// heard lists the events of one module that another one hears: those named, or all.
func heard(members []module.Member, from, to string, named []string) ([]string, error) {
	listener, err := member(members, to)
	if err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	if _, err := member(members, from); err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	var names, others []string
	for _, name := range listener.Events.Names() {
		if source, _, _ := strings.Cut(name, "."); source == from {
			names = append(names, name)
		} else if !slices.Contains(others, source) {
			others = append(others, source)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s hears nothing from %s; whom it hears: %s", to, from, cmp.Or(strings.Join(others, ", "), "nobody"))
	}
	for _, name := range named {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("%s does not hear %s: from %s it hears %s", to, name, from, strings.Join(names, ", "))
		}
	}
	if len(named) > 0 {
		return named, nil
	}
	return names, nil
}
