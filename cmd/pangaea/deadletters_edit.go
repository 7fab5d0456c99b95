package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
	"github.com/pangaea-shop/pangaea/platform/strictjson"
)

func editLetter() *cobra.Command {
	var run letterEdit
	command := &cobra.Command{
		Use:   "edit ID --file FILE",
		Short: "Give a letter another payload and have it tried again",
		Long: `Gives a letter the payload in a file, or on the standard input where the file is named -, and has it tried
again. What differs is shown; the payload that was there stays in the audit log.`,
		Args: begins(oneID),
		RunE: func(command *cobra.Command, args []string) error { return run.run(command, args[0]) },
	}
	run.Verb = deadletters.Edit
	run.where.flags(command)
	flags := command.Flags()
	flags.StringVar(&run.file, "file", "", "file with the new payload, - for the standard input")
	flags.BoolVar(&run.dry, "dry-run", false, "show what differs, and do nothing")
	flags.StringVar(&run.Reason, "reason", "", "why, for the audit log")
	return command
}

// A letterEdit is a letter that is given another payload.
type letterEdit struct {
	deadletters.Action
	where whereabouts
	file  string
	dry   bool
}

func (e *letterEdit) run(command *cobra.Command, id string) (err error) {
	if err := e.check(command.InOrStdin()); err != nil {
		return ending(notBegun, err)
	}
	office, err := e.where.office(command.Context(), "")
	if err != nil {
		return ending(notBegun, err)
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	letter, err := office.Find(command.Context(), id)
	if err != nil {
		return err
	}
	if deadletters.Pretty([]byte(letter.Payload)) == deadletters.Pretty(e.Payload) {
		return ending(notBegun, fmt.Errorf("that is the payload of %s already: retry it", letter.ID))
	}
	if !e.dry {
		if err := office.Act(command.Context(), letter, e.Action); err != nil {
			return err
		}
	}
	result := struct {
		ID     string `json:"id"`
		DryRun bool   `json:"dry_run"`
		Before string `json:"before"`
		After  string `json:"after"`
	}{letter.ID, e.dry, letter.Payload, string(e.Payload)}
	out := command.OutOrStdout()
	return e.where.tell(out, result, func() error {
		done := past[deadletters.Edit] + "."
		if e.dry {
			done = "Nothing was done."
		}
		_, err := fmt.Fprintf(out, "%s%s: %s\n", deadletters.Diff([]byte(letter.Payload), e.Payload), letter.ID, done)
		return err
	})
}

// check completes what was asked for.
func (e *letterEdit) check(in io.Reader) (err error) {
	if e.Payload, err = e.read(in); err == nil {
		e.Operator, err = operator()
	}
	return err
}

// mostPayload bounds a payload, in bytes.
const mostPayload = 1 << 20

// read reads the new payload and makes sure that everybody will understand it in the same way.
func (e *letterEdit) read(in io.Reader) ([]byte, error) {
	switch e.file {
	case "":
		return nil, errors.New("name a file with --file, or - for the standard input")
	case "-":
	default:
		file, err := os.Open(e.file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	content, err := io.ReadAll(io.LimitReader(in, mostPayload+1))
	if err != nil {
		return nil, err
	}
	if len(content) > mostPayload {
		return nil, fmt.Errorf("the payload in %s is larger than %d bytes", e.file, mostPayload)
	}
	if err := strictjson.Check(content); err != nil {
		return nil, fmt.Errorf("the payload in %s: %w", e.file, err)
	}
	var compact bytes.Buffer
	err = json.Compact(&compact, content)
	return compact.Bytes(), err
}
