package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func listLetters() *cobra.Command {
	var where whereabouts
	var filter letterFilter
	command := &cobra.Command{
		Use:   "list",
		Short: "List what was given up, and what waits behind it",
		Args:  begins(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			page, err := readLetters(command, where, filter)
			if err == nil {
				err = where.tell(command.OutOrStdout(), page, func() error { return page.text(command.OutOrStdout()) })
			}
			return ending(notBegun, err)
		},
	}
	where.flags(command)
	filter.flags(command)
	command.Flags().IntVar(&filter.Limit, "limit", 50, "how many at most")
	command.Flags().StringVar(&filter.After, "after", "", "those after the one with this ID, as the former page says")
	return command
}

// A letterPage is some letters, and where the next ones begin.
type letterPage struct {
	Letters []deadletters.Letter `json:"letters"`
	Next    string               `json:"next,omitempty"` // for --after, if there are more
}

func readLetters(command *cobra.Command, where whereabouts, filter letterFilter) (page letterPage, err error) {
	if filter.Limit < 1 || filter.Limit > 10_000 {
		return page, fmt.Errorf("--limit is between 1 and 10000, not %d", filter.Limit)
	}
	if err := filter.read(); err != nil {
		return page, err
	}
	office, err := where.office(command.Context(), filter.module)
	if err != nil {
		return page, err
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	letters, more, err := office.List(command.Context(), filter.Filter)
	page.Letters = append([]deadletters.Letter{}, letters...)
	if more {
		page.Next = letters[len(letters)-1].ID
	}
	return page, err
}

func (p letterPage) text(out io.Writer) error {
	if len(p.Letters) == 0 {
		_, err := fmt.Fprintln(out, "Nothing.")
		return err
	}
	err := deadletters.Table(out, p.Letters)
	if err == nil && p.Next != "" {
		_, err = fmt.Fprintf(out, "There are more: --after %s\n", p.Next)
	}
	return err
}

func showLetter() *cobra.Command {
	var where whereabouts
	command := &cobra.Command{
		Use:   "show ID",
		Short: "Show all there is to know of a letter, and what waits behind it",
		Args:  begins(oneID),
		RunE: func(command *cobra.Command, args []string) error {
			err := tellLetter(command, where, args[0])
			if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
				return err
			}
			return ending(notBegun, err)
		},
	}
	where.flags(command)
	return command
}

// mostBehind is how many of those behind a letter are shown.
const mostBehind = 20

func tellLetter(command *cobra.Command, where whereabouts, id string) (err error) {
	office, err := where.office(command.Context(), "")
	if err != nil {
		return ending(notBegun, err)
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	letter, err := office.Find(command.Context(), id)
	if err != nil {
		return err
	}
	behind, more, err := office.Behind(command.Context(), letter, mostBehind)
	if err != nil {
		return err
	}
	shown := struct {
		deadletters.Letter
		BehindIt []deadletters.Letter `json:"behind_it"`
		More     bool                 `json:"more_behind_it"`
	}{letter, append([]deadletters.Letter{}, behind...), more}
	out := command.OutOrStdout()
	return where.tell(out, shown, func() error { return deadletters.Sheet(out, letter, behind, more) })
}
