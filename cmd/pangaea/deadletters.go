package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// notBegun is the exit code of a command that was asked for something it cannot begin with: 1 says that
// some of it was not done.
const notBegun = 2

func deadlettersCommand() *cobra.Command {
	command := group("deadletters", "Look after messages and tasks that were given up, with the shop running or stopped")
	command.Long = `Lists the messages that modules could not apply and the tasks that they could not do, shows one, and has
it tried again, edited or dropped. A running shop tries what it is told to within a second. Everything that
is done is kept in the audit log of its module, with the reason and with what was there before.
docs/operations.md says more.

The exit code is 0 if it is done, 1 if some of it is not, 2 if it could not begin.`
	command.AddCommand(listLetters(), showLetter(), retryLetters(), editLetter(), dropLetters())
	return command
}

// group is a command that has others, and does nothing itself.
func group(use, short string) *cobra.Command {
	command := &cobra.Command{Use: use, Short: short, Args: begins(noSuchCommand), RunE: help}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ending(notBegun, err) })
	return command
}

// begins gives what is wrong with a command's arguments its exit code.
func begins(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error { return ending(notBegun, check(command, args)) }
}

// oneID is what there is to say on the command line: which letter.
func oneID(command *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one letter by its ID, as %s list shows it", command.Parent().CommandPath())
	}
	return nil
}

// whereabouts are where the databases are, and how a command tells what it found.
type whereabouts struct{ dir, output string }

func (w *whereabouts) flags(command *cobra.Command) {
	command.Flags().StringVar(&w.dir, "data-dir", "", "folder of the databases (default: PANGAEA_DATA_DIR)")
	w.format(command)
}

func (w *whereabouts) format(command *cobra.Command) {
	command.Flags().StringVarP(&w.output, "output", "o", "text", "text or json")
}

func (w *whereabouts) check() error {
	if w.output != "text" && w.output != "json" {
		return fmt.Errorf("--output is text or json, not %q", w.output)
	}
	return nil
}

// tell writes a value as JSON or, for people, in its own way.
func (w *whereabouts) tell(out io.Writer, value any, text func() error) error {
	if w.output == "text" {
		return text()
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// places finds out where the databases are.
func (w *whereabouts) places() (database.Places, error) {
	settings, place, err := app.Load()
	if err != nil {
		return nil, err
	}
	if w.dir != "" {
		return func(string) (database.Options, error) { return database.Options{Dir: w.dir}, nil }, nil
	}
	return app.Places(settings, place), nil
}

// office opens the databases of the named module, or of all, to be read.
func (w *whereabouts) office(ctx context.Context, name string) (*deadletters.Office, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	places, err := w.places()
	if err != nil {
		return nil, err
	}
	members, err := roll()
	if err != nil {
		return nil, err
	}
	if name != "" {
		one, err := member(members, name)
		if err != nil {
			return nil, fmt.Errorf("--module: %w", err)
		}
		members = []module.Member{one}
	}
	return deadletters.Open(ctx, places, members)
}

// roll lists the modules of the shop and their companions. Their databases are closed.
func roll() ([]module.Member, error) {
	wired, discard, err := shop.Wire()
	if err != nil {
		return nil, err
	}
	defer discard()
	return wired.Roll.Members(), nil
}

func member(members []module.Member, name string) (module.Member, error) {
	var names []string
	for _, m := range members {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return module.Member{}, fmt.Errorf("there is no module %q: there are %s", name, strings.Join(names, ", "))
}
