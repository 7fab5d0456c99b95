// Package supervisor runs several programs on this machine as if they were one: it joins what they print, waits until
// all are ready, starts again what ends by itself, restarts them in turn, and stops all.
//
// A program's socket may belong to the supervisor, which hands it down: while the program is restarted, who connects
// waits and is not refused.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// A Program is one to run.
type Program struct {
	Name  string
	Path  string
	Env   []string // its whole environment
	Ready string   // URL that answers 200 while it can do its work; empty: it can as long as it runs
	// Listen is an address that the supervisor listens at for it; it finds the socket as file descriptor 3.
	Listen string
}

// Options are how programs are run. Zero values are replaced.
type Options struct {
	Out     io.Writer     // what they print, each line after its program's name
	Colours bool          // names have colours
	Pause   time.Duration // before a program that ended is started again; twice as long each time, up to 5 s; 200 ms
	Grace   time.Duration // how long a program that is told to stop may take, before it is killed; 20 s
	Limit   time.Duration // how long all may take until they are ready; 3 min
}

func (o Options) withDefaults() Options {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Pause == 0 {
		o.Pause = 200 * time.Millisecond
	}
	if o.Grace == 0 {
		o.Grace = 20 * time.Second
	}
	if o.Limit == 0 {
		o.Limit = 3 * time.Minute
	}
	return o
}

// A Supervisor runs programs.
type Supervisor struct {
	options  Options
	programs []*program
	sockets  []*os.File
	running  sync.WaitGroup
	stop     context.CancelFunc
}

// Start starts programs, and returns when all are ready. Where one of them ends before that, all are stopped again,
// and the error has its last words.
func Start(ctx context.Context, list []Program, options Options) (*Supervisor, error) {
	s := &Supervisor{options: options.withDefaults()}
	joined, run := newJoined(s.options, list), context.Context(nil)
	run, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	for i, p := range list {
		socket, err := s.socket(p)
		if err != nil {
			return nil, errors.Join(err, s.Stop())
		}
		s.programs = append(s.programs, newProgram(p, s.options, socket, joined.line(i)))
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Limit)
	defer cancel()
	ready := make(chan error, len(s.programs))
	for _, p := range s.programs {
		if err := p.start(); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
		s.running.Go(func() { p.keepRunning(run) })
		go func() { ready <- p.ready(ctx, true) }()
	}
	for range s.programs {
		if err := <-ready; err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// socket listens for a program that wants it.
func (s *Supervisor) socket(p Program) (*os.File, error) {
	if p.Listen == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", p.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", p.Name, err)
	}
	socket, err := listener.(*net.TCPListener).File()
	if err = errors.Join(err, listener.Close()); err != nil {
		return nil, fmt.Errorf("listen for %s: %w", p.Name, err)
	}
	s.sockets = append(s.sockets, socket)
	return socket, nil
}

// Restart restarts all programs in turn: each is ready again before the next one is told to stop.
func (s *Supervisor) Restart(ctx context.Context) error {
	for _, p := range s.programs {
		if err := p.restart(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Signal sends a signal to the program of that name, for whoever tries what happens then. It reports whether there is one.
func (s *Supervisor) Signal(name string, signal os.Signal) bool {
	for _, p := range s.programs {
		if p.Name == name {
			p.signal(signal)
			return true
		}
	}
	return false
}

// Stop tells all programs to stop, and returns when they have ended.
func (s *Supervisor) Stop() error {
	s.stop()
	var stopping sync.WaitGroup
	for _, p := range s.programs {
		stopping.Go(p.stop)
	}
	stopping.Wait()
	s.running.Wait()
	var failed []error
	for _, socket := range s.sockets {
		failed = append(failed, socket.Close())
	}
	return errors.Join(failed...)
}

// asker asks whether a program is ready.
var asker = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := asker.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
