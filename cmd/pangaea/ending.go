package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// An ended error is one with an exit code of its own.
type ended struct {
	error
	code int
}

func (e ended) Unwrap() error { return e.error }

// ending gives an error, if it is one, an exit code.
func ending(code int, err error) error { //nolint:unparam // it is 2 so far, and means something else with each command
	if err == nil {
		return nil
	}
	return ended{err, code}
}

// exitCode is 1, unless the error has one of its own.
func exitCode(err error) int {
	var e ended
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}

// untilInterrupted ends what a command does when somebody presses Ctrl-C or its process is told to stop.
func untilInterrupted(command *cobra.Command) (ctx context.Context, stop context.CancelFunc) {
	return signal.NotifyContext(command.Context(), os.Interrupt, syscall.SIGTERM)
}

// unchanged is the error of a command that has changed nothing, in plain words if it was interrupted.
func unchanged(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted: nothing has changed")
	}
	return err
}
