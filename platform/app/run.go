package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.uber.org/dig"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

const (
	startTimeout = 2 * time.Minute // a first start migrates seven databases

	// StopTimeout is how long a process that is told to stop takes at most, beside what PANGAEA_DRAIN says.
	StopTimeout = 15 * time.Second
)

// Run starts a process, waits until it is told to stop (SIGINT, SIGTERM; a second one ends it at once),
// and stops it gracefully. It does not return: the exit code is 0, or 1 after one line that says what is
// wrong. [AskedIfReady], it only asks the process that runs.
func Run(options ...fx.Option) {
	do := func() error { return run(options...) }
	if AskedIfReady() {
		do = func() error { return ready(context.Background()) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "pangaea: "+Explain(err))
		os.Exit(1)
	}
	os.Exit(0)
}

func run(options ...fx.Option) error {
	told, listened := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer listened()
	context.AfterFunc(told, listened)
	defer spaceOut(time.Second)()
	if err := Preflight(); err != nil {
		return err
	}
	var process *ending
	var face httpserver.Settings
	app := fx.New(fx.Options(options...), fx.Populate(&process, &face))
	if err := app.Err(); err != nil {
		return err
	}
	// Who is told to stop while starting starts first: what a start that is cut short leaves behind, fx does not stop.
	starting, cancel := context.WithTimeout(context.Background(), app.StartTimeout())
	defer cancel()
	if err := app.Start(starting); err != nil {
		return err
	}
	select {
	case <-told.Done():
	case <-app.Wait(): // a part of it has ended
	}
	listened()
	slog.Info("stopping")
	stopping, cancel := context.WithTimeout(context.Background(), face.Drain+app.StopTimeout())
	defer cancel()
	return errors.Join(process.cause(), app.Stop(stopping))
}

// Preflight finds out whether there are settings and a log, on which everything else is built: without a
// log of ours the container would explain itself at length.
func Preflight() error {
	settings, _, err := Load()
	if err == nil {
		_, err = config.Section[logSettings](settings)
	}
	return err
}

// Explain takes what the wiring wraps around an error off it: the cause is one line for people.
func Explain(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "it took too long: " + oneLine(err)
	}
	return oneLine(dig.RootCause(err))
}

// oneLine is an error's text. Drivers list what they tried on lines of their own, and some of it twice.
func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.ReplaceAll(strings.Join(slices.Compact(lines), "; "), ":; ", ": ")
}
