package app

import (
	"sync/atomic"

	"go.uber.org/fx"
)

// An ending is how a part that a process cannot do without makes it end.
type ending struct {
	process fx.Shutdowner
	why     atomic.Pointer[error]
}

func newEnding(process fx.Shutdowner) *ending { return &ending{process: process} }

// watch ends the process with exit code 1 as soon as a part of it has ended by itself.
func (e *ending) watch(ended <-chan error) {
	err, itself := <-ended
	if !itself {
		return
	}
	e.why.Store(&err)
	_ = e.process.Shutdown(fx.ExitCode(1)) // it fails only where nobody runs the process
}

// cause is why the process ends, nil if it was told to.
func (e *ending) cause() error {
	if err := e.why.Load(); err != nil {
		return *err
	}
	return nil
}
