package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.uber.org/dig"
	"go.uber.org/fx"
)

const (
	startTimeout = 2 * time.Minute // a first start migrates seven databases
	stopTimeout  = 15 * time.Second
)

// Run starts a process, waits until it is told to stop (SIGINT, SIGTERM), and stops it gracefully. It
// does not return: the exit code is 0, or 1 after one line that says what is wrong.
func Run(options ...fx.Option) {
	if err := run(fx.New(options...)); err != nil {
		fmt.Fprintln(os.Stderr, "pangaea: "+Explain(err))
		os.Exit(1)
	}
	os.Exit(0)
}

func run(app *fx.App) error {
	if err := app.Err(); err != nil {
		return err
	}
	starting, cancel := context.WithTimeout(context.Background(), app.StartTimeout())
	defer cancel()
	if err := app.Start(starting); err != nil {
		return err
	}
	signal := <-app.Wait()
	stopping, cancel := context.WithTimeout(context.Background(), app.StopTimeout())
	defer cancel()
	if err := app.Stop(stopping); err != nil {
		return err
	}
	if signal.ExitCode != 0 {
		return fmt.Errorf("stopped with exit code %d", signal.ExitCode)
	}
	return nil
}

// Explain takes what the wiring wraps around an error off it: the cause is one line for people.
func Explain(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "it took too long: " + err.Error()
	}
	return strings.ReplaceAll(dig.RootCause(err).Error(), "\n", "; ")
}
